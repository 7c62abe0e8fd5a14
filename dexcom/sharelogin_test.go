package dexcom

import (
	"encoding/json"
	"errors"
	"net/http"
	"regexp"
	"testing"
)

// FuzzShareID takes any good answer to credentials: it is an id that may go into an
// address, or an error that quotes nothing of it.
func FuzzShareID(f *testing.F) {
	for _, name := range []string{shareAccountSample, shareSessionSample, shareZeroSample} {
		f.Add(sample(f, name))
	}
	for _, body := range []string{
		``, `null`, `""`, `<html>`, shareOpen, `["` + shareOpen + `"]`, `"` + shareOpen + `" `, `"` + shareOpen + `"x`, `{"Code":"AccountPasswordInvalid"}`,
		`"` + shareOpen[1:] + `&"`, `"00000000-0000-0000-0000-00000000000G"`, `"------------------------------------"`, "\"\xff" + shareOpen[1:] + "\"",
	} {
		f.Add([]byte(body))
	}
	id := regexp.MustCompile(`^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$`)
	f.Fuzz(func(t *testing.T, body []byte) {
		share, err := NewShare(ShareConfig{
			Region: ShareUS, BaseURL: "http://share.test", Username: shareUser, Password: sharePassword, Transport: fixedAnswer{status: http.StatusOK, body: body},
		})
		if err != nil {
			t.Fatal(err)
		}
		got, err := share.ask(t.Context(), "General/LoginPublisherAccountById", shareCredentials{})
		if err == nil {
			var sent string
			if json.Unmarshal(body, &sent) != nil || sent != got || !id.MatchString(got) || got == zeroID {
				t.Errorf("%q gave %q", body, got)
			}
			return
		}
		if e, ours := errors.AsType[*Error](err); !ours || got != "" || e.Op != opShareLogin || !isShareCause(e.Err) {
			t.Errorf("%q: %q beside %#v", body, got, err)
		}
	})
}
