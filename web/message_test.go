package web

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom/simulator"
)

func TestDexcomFails(t *testing.T) {
	for name, test := range map[string]struct {
		fault  simulator.Fault
		status int
		words  []string
	}{
		"answer lost":    {simulator.LoseAnswer(), 502, []string{"No answer came from Dexcom"}},
		"answer delayed": {simulator.DelayAnswer(time.Hour), 502, []string{"No answer came from Dexcom"}},
		"500":            {simulator.AnswerJSON(500), 502, []string{"wait a few minutes", "HTTP 500"}},
		"403 HTML":       {simulator.AnswerHTML(403), 502, []string{"wait a few minutes", "HTTP 403"}},
		"200 HTML":       {simulator.AnswerHTML(200), 502, []string{"base_url"}},
		"429":            {simulator.AnswerJSON(429), 503, []string{"Too many calls"}},
		"invalid_client": {simulator.Answer(400, "application/json", `{"error":"invalid_client","error_description":"SECRET"}`), 502, []string{"does not know this app", "client_id", "client_secret", "region"}},
		"invalid_grant":  {simulator.Answer(400, "application/json", `{"error":"invalid_grant","error_description":"<script>"}`), 400, []string{"lives for one minute"}},
	} {
		t.Run(name, func(t *testing.T) {
			living(t, func(t *testing.T, h *home) {
				h.cloud.FailTokens(test.fault, 1)
				began := time.Now()
				answer := h.link(t, "alice", "alice")
				expectPage(t, answer, test.status, append(test.words, "Linking alice did not work", "Cause: dexcom: token: ", `action="/accounts/alice/link"`)...)
				if took := time.Since(began); took > 110*time.Second || h.linked("alice") {
					t.Errorf("it took %v, linked is %v", took, h.linked("alice"))
				}
				if strings.Contains(answer.Body.String(), "do not leave it at this") {
					t.Error("it speaks of a consent before")
				}
				h.mustLink(t, "alice", "alice")
				h.cloud.FailTokens(test.fault, 1)
				expectPage(t, h.link(t, "alice", "alice"), test.status, append(test.words, "alice was linked before", "do not leave it at this")...)
			})
		})
	}
}

// The consent is kept although Dexcom does not say whose it is: it ended the one
// before. Only a token that is refused is none.
func TestDexcomDoesNotTellWhoItIs(t *testing.T) {
	for name, test := range map[string]struct {
		data   http.RoundTripper
		status int
		words  []string
	}{
		"silent":            {silent(), 200, []string{"alice is linked"}},
		"down":              {down(), 200, []string{"alice is linked"}},
		"of another region": {answering(401, ""), 502, []string{"belongs to another region", "the region of alice", "HTTP 401", "Cause: ", "Linking alice did not work"}},
		"busy":              {answering(429, "1234"), 200, []string{"alice is linked"}},
		"gone":              {answering(404, ""), 200, []string{"alice is linked"}},
	} {
		t.Run(name, func(t *testing.T) {
			living(t, func(t *testing.T, h *home) {
				callback := h.decide(t, h.press(t, "alice"), "alice", true)
				h.data = test.data
				began := time.Now()
				expectPage(t, h.ask("GET", callback), test.status, test.words...)
				if took := time.Since(began); took > 100*time.Second || h.linked("alice") != (test.status == 200) {
					t.Errorf("it took %v, linked is %v", took, h.linked("alice"))
				}
			})
		})
	}
}

// answering is a data endpoint that fails.
func answering(status int, retryAfter string) roundTrip {
	return func(request *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: status, Request: request, Body: http.NoBody, Header: http.Header{"Retry-After": {retryAfter}}}, nil
	}
}

func TestSentence(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{"it failed": "It failed.", "ärger": "Ärger.", "Dexcom's": "Dexcom's.", "5 times": "5 times.", "x": "X."} {
		if got := sentence(errors.New(text)); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if got := sentence(errors.New("")); !strings.HasSuffix(got, ".") {
		t.Errorf("of nothing: %q", got)
	}
}
