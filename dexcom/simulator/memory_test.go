package simulator

import (
	"encoding/json"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// recalled is a new cloud that knows what another one knew, by way of JSON.
func recalled(t *testing.T, from *Cloud) *Cloud {
	t.Helper()
	text, err := json.Marshal(from.Memory())
	if err != nil {
		t.Fatal(err)
	}
	var m Memory
	if err := json.Unmarshal(text, &m); err != nil {
		t.Fatal(err)
	}
	c := linkable(t)
	if err := c.Recall(m); err != nil {
		t.Fatal(err)
	}
	return c
}

func TestACloudGoesOnWhereAnotherEnded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		first := linkable(t)
		g := link(t, first, "plain")
		second := recalled(t, first)
		if !opens(t, second, g.Access) || !second.Alive("plain", g.Refresh) || second.Alive("one", g.Refresh) {
			t.Fatal("the tokens are not known")
		}
		next := token(t, second, refreshForm(g.Refresh))
		if next.Session != g.Session || next.Refresh == g.Refresh || !opens(t, second, next.Access) || !opens(t, second, g.Access) {
			t.Errorf("%+v follows %+v", next, g)
		}
		time.Sleep(2 * time.Hour)
		third := recalled(t, second)
		if opens(t, third, next.Access) || len(third.Memory().Grants[0].Access) > 0 {
			t.Error("access tokens that ended are kept")
		}
		refused(t, third, refreshForm(g.Refresh), invalidGrant) // used before, which ends the grant
		if third.Alive("plain", next.Refresh) || recalled(t, third).Alive("plain", next.Refresh) {
			t.Error("a token that is used twice does not end its grant")
		}
		if other := link(t, third, "plain"); other.Refresh == next.Refresh || len(third.Memory().Grants) != 1 {
			t.Error("a secret comes twice, or a grant that was replaced is kept")
		}
	})
}

func TestRecallOfNobody(t *testing.T) {
	t.Parallel()
	c := linkable(t)
	g := link(t, c, "plain")
	m := c.Memory()
	if text := m.String(); strings.Contains(text, g.Refresh) || !strings.Contains(text, "1 ") {
		t.Errorf("prints %q", text)
	}
	m.Grants[0].Person = "nobody"
	if err := c.Recall(m); err == nil || !c.Alive("plain", g.Refresh) {
		t.Errorf("%v; want an error and no change", err)
	}
}
