package e2e

import (
	"fmt"
	"strings"
)

// trail is what happened last around the grants, for whoever asks why one was lost.
type trail struct{ steps []trailStep }

type trailStep struct{ account, text string } // without an account it is everybody's

// follow keeps the entries that tell something of grants.
func (t *trail) follow(e campaignEntry) {
	switch e.Kind {
	case "token", "reached", "used", "refused", "dead", "no grant", "linked", "unlinked", "forgotten", "disk", "weather":
		detail := e.Detail
		if e.Kind == "reached" || e.Kind == "used" {
			detail = fmt.Sprintf("%.8s", detail) // enough to know a token again
		}
		t.add(e.Account, fmt.Sprintf("%s %s %s", clock(e.At), e.Kind, detail))
	}
}

func (t *trail) add(account, text string) {
	const most = 1000
	if len(t.steps) == most {
		t.steps = append(t.steps[:0], t.steps[most/2:]...)
	}
	t.steps = append(t.steps, trailStep{account, text})
}

// of is the end of an account's trail.
func (t *trail) of(account string) string {
	const most = 25
	var texts []string
	for _, step := range t.steps {
		if step.account == account || step.account == "" {
			texts = append(texts, step.text)
		}
	}
	return strings.Join(texts[max(0, len(texts)-most):], " | ")
}
