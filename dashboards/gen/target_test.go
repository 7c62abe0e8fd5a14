package main

import (
	"fmt"
	"maps"
	"testing"
)

// shared are the shares of the chosen window, in the order of the bands.
func shared(shares ...float64) map[string]string {
	series := map[string]string{`dexcom_exporter_account_info{account="gina",api="true",share="false"}`: held(1)}
	for i, share := range shares {
		maps.Copy(series, figured("dexcom_time_in_range_ratio", fmt.Sprintf(",range=%q", bands()[i].counter), share))
	}
	return series
}

func TestTargetsAreMetOrNot(t *testing.T) {
	t.Parallel()
	is := func(met string, share float64) map[string]float64 {
		return map[string]float64{fmt.Sprintf(`{account="gina", met=%q}`, met): share}
	}
	var moments []moment
	ask := func(series map[string]string, wanted ...map[string]float64) {
		m := moment{series: series}
		for _, q := range asks(targetPanel(), units()[0], wanted...) {
			m.questions = append(m.questions, question{"round(" + q.expr + ", 0.0001)", q.want})
		}
		moments = append(moments, m)
	}
	good, fair := shared(0.005, 0.03, 0.765, 0.16, 0.04), shared(0.01, 0.03, 0.7, 0.21, 0.05)
	ask(good, is("met", 0.005), is("met", 0.035), is("met", 0.765), is("met", 0.2), is("met", 0.04))
	ask(fair, is("not met", 0.01), is("not met", 0.04), is("not met", 0.7), is("not met", 0.26), is("not met", 0.05))
	ask(bounded(fair, 54, 63, 140, 250), is("not met", 0.01), is("not met", 0.04), is("not met", 0.7), is("not met", 0.26), nil)
	ask(bounded(good, 54, 70, 180, 250), is("met", 0.005), is("met", 0.035), is("met", 0.765), is("met", 0.2), is("met", 0.04))
	ask(shared(), nil, nil, nil, nil, nil)
	check(t, moments)
}

func TestTimeInRangeOfTheWindow(t *testing.T) {
	t.Parallel()
	is := func(share float64) map[string]float64 { return map[string]float64{`{account="gina"}`: share} }
	because := func(why string) map[string]float64 {
		return map[string]float64{fmt.Sprintf(`{account="gina", why=%q}`, why): 100}
	}
	series := with(shared(0.25, 0.125, 0.5, 0.125, 0), nil)
	check(t, []moment{
		{series, asks(windowPanel(), units()[0], is(25), is(12.5), is(50), is(12.5), is(0), nil)},
		{shared(), asks(windowPanel(), units()[0], nil, nil, nil, nil, nil, because("too little data in the window"))},
		{nil, asks(windowPanel(), units()[0], nil, nil, nil, nil, nil, because(whyDead))},
	})
}
