package simulator

import "testing"

func TestThreeToFiveMealsADay(t *testing.T) {
	t.Parallel()
	p := &Person{Seed: 3, Zone: zone(t, "America/New_York")}
	seen := make(map[int]bool)
	for n := range millis(200) {
		plan, meals := p.plan(20000+n), 0
		for _, m := range plan.meals {
			if m.size == 0 {
				continue
			}
			meals++
			if h := m.at.time().In(p.Zone).Hour(); h < 6 || h > 20 {
				t.Errorf("a meal at %v", m.at.time().In(p.Zone))
			}
		}
		seen[meals] = true
		if meals < 3 || meals > 5 {
			t.Fatalf("%d meals on day %d", meals, n)
		}
	}
	if len(seen) != 3 {
		t.Errorf("every day has one of %v numbers of meals", seen)
	}
}

func TestMealLifts(t *testing.T) {
	t.Parallel()
	if digestion(-1) != 0 || digestion(0) != 0 || digestion(13) != 0 {
		t.Error("a meal works outside its time")
	}
	if up := digestion(0.8); up < 1 {
		t.Errorf("after 48 minutes: %v", up)
	}
	if down := digestion(4); down >= 0 {
		t.Errorf("after four hours: %v", down)
	}
	if dip(0) != 1 || dip(1.5) != 0 || dip(-1.5) != 0 || dip(0.7) != dip(-0.7) {
		t.Error("a dip is not the hill it should be")
	}
}
