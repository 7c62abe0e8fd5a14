package simulator

import (
	"net/http"
	"time"
)

// Faults returns one fault of each kind, for [Cloud.FailDataAtRandom]: delays
// are a few seconds, bodies a few megabytes. [EndlessAnswer] is not among them,
// since a plain client would never come back, nor is [NestLists], which harms by its
// size alone.
func Faults() []Fault {
	faults := []Fault{
		LoseAnswer(),
		DelayAnswer(2 * time.Second),
		TrickleAnswer(5 * time.Second),
		ShortenBody(),
		CutBody(),
		HalveBody(),
		ResetBody(),
		ResetConnection(),
		PadWithSpace(2),
		PadWithField(2),
		BreakGzip(),
		TooManyRequests(),
		RetryAfter(30 * time.Second),
		RetryAt(30 * time.Second),
		RefuseToken(),
		RedirectTo("https://elsewhere.invalid/v3/users/self/egvs"),
		AnswerJSON(http.StatusInternalServerError),
		AnswerHTML(http.StatusServiceUnavailable),
		AnswerHTML(http.StatusOK),
	}
	for _, body := range []string{"", "null", "[]", "{}"} {
		faults = append(faults, AnswerInstead(body))
	}
	for n, how := range spoilings() {
		faults = append(faults, SpoilRecords(how, uint64(n), 0.1))
	}
	return faults
}
