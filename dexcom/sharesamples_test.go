package dexcom

import (
	"errors"
	"maps"
	"net/http"
	"os"
	"slices"
	"testing"
)

const (
	shareClockSample   = "share/system_utc_time.json"
	shareAccountSample = "share/authenticate_response.json"
	shareSessionSample = "share/login_by_id_response.json"
	shareZeroSample    = "share/login_response_default_uuid.json"
)

// shareFaultSamples are errors of Share, and what each means to a login and to
// anything else.
func shareFaultSamples() map[string][2]error {
	return map[string][2]error{
		"share/error_500_AccountPasswordInvalid.json":                           {ErrShareCredentials, errShareFault},
		"share/error_500_InvalidArgument_ASSUMED_BODY.json":                     {ErrShareArgument, errShareFault},
		"share/error_500_SSO_AuthenticateMaxAttemptsExceeded_ASSUMED_BODY.json": {ErrShareLocked, errShareFault},
		"share/error_500_SSO_InternalError_ASSUMED_BODY.json":                   {ErrShareCredentials, errShareFault},
		"share/error_500_SessionIdNotFound.json":                                {errLoginFault, errSessionForgotten},
		"share/error_500_SessionNotValid_2021.json":                             {errLoginFault, errSessionForgotten},
		"share/error_500_SessionNotValid_2025_json_subcode.json":                {errLoginFault, errSessionForgotten},
	}
}

// shareRequestSamples are the bodies that open an account, and who sends them where.
func shareRequestSamples() map[string]ShareRegion {
	return map[string]ShareRegion{
		"share/authenticate_request.json":    ShareUS,
		"share/authenticate_request_jp.json": ShareJP,
		"share/login_by_id_request.json":     ShareOUS,
	}
}

// A sample that no table names proves nothing.
func TestEveryShareSampleIsInATable(t *testing.T) {
	t.Parallel()
	named := slices.Concat(
		slices.Collect(maps.Keys(shareReadingSamples())),
		slices.Collect(maps.Keys(shareFaultSamples())),
		slices.Collect(maps.Keys(shareRequestSamples())),
		[]string{shareClockSample, shareAccountSample, shareSessionSample, shareZeroSample},
	)
	entries, err := os.ReadDir("testdata/share")
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		if name := "share/" + entry.Name(); !slices.Contains(named, name) {
			t.Errorf("%s is in no table", name)
		}
	}
}

func TestShareFaultSamples(t *testing.T) {
	t.Parallel()
	for name, want := range shareFaultSamples() {
		fault := faultIn(sample(t, name))
		if login, read := fault.login(), fault.read(); !errors.Is(login, want[0]) || !errors.Is(read, want[1]) {
			t.Errorf("%s: %v and %v, want %v and %v", name, login, read, want[0], want[1])
		}
	}
}

func TestShareFaults(t *testing.T) {
	t.Parallel()
	const page = `<html><body>Attention Required! | Cloudflare</body></html>`
	fault := func(code, message string) string {
		return `{"Code":"` + code + `","Message":"` + message + `","SubCode":"SECRET","TypeName":"FaultException"}`
	}
	for _, test := range []struct {
		status     int
		body       string
		loginSays  string
		loginCause error
		readSays   string
		readCause  error
	}{
		{200, `[]`, "", nil, "", nil},
		{200, ``, "", nil, "", nil}, // whoever decodes it says what is wrong
		{200, page, "", nil, "", nil},
		{200, fault("AccountPasswordInvalid", ""), ReasonCredentials, ErrShareCredentials, ReasonServer, errShareFault},
		{200, fault("SessionNotValid", ""), ReasonServer, errLoginFault, ReasonServer, errSessionForgotten},
		{500, fault("sso_authenticate_account_not_found", ""), ReasonCredentials, ErrShareCredentials, ReasonServer, errShareFault},
		{500, fault("SSO_AuthenticatePasswordInvalid", ""), ReasonCredentials, ErrShareCredentials, ReasonServer, errShareFault},
		{500, fault("SSO_AuthenticateMaxAttemptsExceed", ""), ReasonCredentials, ErrShareLocked, ReasonServer, errShareFault},
		{500, fault("SSO_AuthenticateMaxAttemptsExceeed", ""), ReasonCredentials, ErrShareLocked, ReasonServer, errShareFault},
		{500, fault("SSO_InternalError", "Cannot Authenticate by AccountId"), ReasonCredentials, ErrShareCredentials, ReasonServer, errShareFault},
		{500, fault("SSO_InternalError", "out of order"), ReasonServer, errShareFault, ReasonServer, errShareFault},
		{500, fault("InvalidArgument", "Invalid UUID string: SECRET"), ReasonCredentials, ErrShareArgument, ReasonServer, errShareFault},
		{500, fault("SECRET", ""), ReasonServer, errLoginFault, ReasonServer, errShareFault},
		{500, `{"Code":null}`, ReasonServer, nil, ReasonServer, nil},
		{500, `{"Code":{"a":1},"Message":[]}`, ReasonServer, nil, ReasonServer, nil},
		{500, `{"Message":"SECRET"}`, ReasonServer, nil, ReasonServer, nil},
		{500, page, ReasonServer, nil, ReasonServer, nil},
		{503, page, ReasonServer, nil, ReasonServer, nil},
		{403, page, ReasonOther, errHTML, ReasonOther, errHTML},
		{403, ``, ReasonOther, nil, ReasonOther, nil},
		{404, page, ReasonOther, errHTML, ReasonOther, errHTML},
		{302, ``, ReasonOther, nil, ReasonOther, nil},
		{429, page, ReasonRateLimited, nil, ReasonRateLimited, nil},
		{429, fault("SECRET", ""), ReasonRateLimited, nil, ReasonRateLimited, nil},
		{429, fault("SSO_AuthenticateMaxAttemptsExceeded", ""), ReasonCredentials, ErrShareLocked, ReasonRateLimited, nil},
		{401, ``, ReasonCredentials, ErrShareCredentials, ReasonServer, errSessionForgotten},
		{401, page, ReasonCredentials, ErrShareCredentials, ReasonServer, errSessionForgotten},
	} {
		response := &http.Response{StatusCode: test.status, Header: http.Header{"Retry-After": {"77"}}}
		for i, sort := range []func(shareFault) error{shareFault.login, shareFault.read} {
			err := shareError("op", response, []byte(test.body), sort)
			says, cause := [2]string{test.loginSays, test.readSays}[i], [2]error{test.loginCause, test.readCause}[i]
			e, _ := errors.AsType[*Error](err)
			if Reason(err) != says || e != nil && (!errors.Is(e.Err, cause) || e.StatusCode != test.status) {
				t.Errorf("%d %s, call %d: %v, want %s, %v", test.status, test.body, i, err, says, cause)
			}
			if says == ReasonRateLimited && RetryAfter(err).Seconds() != 77 {
				t.Errorf("%d %s: retry after %v", test.status, test.body, RetryAfter(err))
			}
			checkNoSecret(t, err)
		}
	}
}

// FuzzShareFault sorts any answer as one to a login and as one to anything else: a
// failure is of the closed set, and quotes nothing of the answer.
func FuzzShareFault(f *testing.F) {
	for name := range shareFaultSamples() {
		f.Add(uint16(http.StatusInternalServerError), "77", sample(f, name))
	}
	for _, body := range []string{
		``, `null`, `[]`, `<html>`, `{"Code":"SessionNotValid","code":""}`, `{"Code":7}`, `{"Code":{"Code":"AccountPasswordInvalid"}}`, "{\"Code\":\"\xff\",\"Message\":\"\xff\"}",
		`{"Code":"SSO_Authenticate_Max_Attempts","Message":"SECRET"}`, `{"Code":"sso internal error","Message":"CANNOT AUTHENTICATE"}`,
	} {
		for _, status := range []uint16{200, 302, 401, 403, 429, 500, 503} {
			f.Add(status, "Thu, 01 Jan 1970 00:00:00 GMT", []byte(body))
		}
	}
	f.Fuzz(func(t *testing.T, status uint16, retryAfter string, body []byte) {
		response := &http.Response{StatusCode: 200 + int(status)%400, Header: http.Header{"Retry-After": {retryAfter}}}
		for _, sort := range []func(shareFault) error{shareFault.login, shareFault.read} {
			err := shareError("op", response, body, sort)
			e, ours := errors.AsType[*Error](err)
			if err == nil && response.StatusCode == http.StatusOK {
				continue
			}
			if !ours || !slices.Contains(Reasons(), e.Reason) || e.RetryAfter < 0 || e.Reason == ReasonConsent || !isShareCause(e.Err) {
				t.Errorf("%d %q: %#v", response.StatusCode, body, err)
			}
			if isShareRefusal(err) != (Reason(err) == ReasonCredentials) {
				t.Errorf("%d %q: a refusal, or none: %v", response.StatusCode, body, err)
			}
		}
	})
}

// isShareCause tells whether a cause is one of those whose text is fixed.
func isShareCause(err error) bool {
	return slices.Contains([]error{
		nil, ErrShareCredentials, ErrShareLocked, ErrShareArgument, errSessionForgotten, errShareFault, errLoginFault, errNoShareID, errHTML, errNotJSON,
	}, err)
}
