package simulator

import (
	"bytes"
	"net/http"
	"regexp"
	"strings"
	"testing"
)

func TestShareLoginsAreAnsweredLikeTheSamples(t *testing.T) {
	t.Parallel()
	for region, request := range map[string]string{
		"": "authenticate_request.json", "us": "authenticate_request.json",
		"ous": "authenticate_request.json", "jp": "authenticate_request_jp.json",
	} {
		c := New(&Person{Name: "alice", Seed: 1})
		c.SetShare(ShareSettings{Region: region})
		c.Share(ShareAccount{Person: "alice", Username: "user@example.com", Password: "example-password"})
		form := regexp.MustCompile(`^"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"$`)
		status, account := send(t, c, sharePost(t, authenticatePath, string(shareFile(t, request))))
		if text := string(bytes.TrimSpace(account)); status != http.StatusOK || !form.MatchString(text) {
			t.Fatalf("%s: %d %s", region, status, account)
		}
		login := strings.ReplaceAll(string(shareFile(t, "login_by_id_request.json")),
			`"99999999-9999-9999-9999-999999999999"`, strings.ToUpper(strings.TrimSpace(string(account))))
		if region == "jp" {
			login = strings.ReplaceAll(login, usID, jpID)
		}
		status, session := send(t, c, sharePost(t, loginPath, login))
		if text := string(bytes.TrimSpace(session)); status != http.StatusOK || !form.MatchString(text) || text == `"`+zeroUUID+`"` {
			t.Errorf("%s: %d %s", region, status, session)
		}
	}
}

func TestShareRefusesAllStrangersAlike(t *testing.T) {
	t.Parallel()
	jp := sharing(t, &Person{Name: "plain", Seed: 1})
	jp.SetShare(ShareSettings{Region: "jp"})
	elsewhere := New(&Person{Name: "plain", Seed: 1}) // another region: no account
	for _, x := range []struct {
		what string
		c    *Cloud
		body string
	}{
		{"password", sharing(t, people(t)...), credentialsOf("plain", "password", "wrong")},
		{"password of another", sharing(t, people(t)...), credentialsOf("plain", "password", "one")},
		{"password in capitals", sharing(t, people(t)...), credentialsOf("plain", "password", "PLAIN")},
		{"user", sharing(t, people(t)...), credentialsOf("nobody", "password", "plain")},
		{"applicationId", sharing(t, people(t)...), credentialsOf("plain", "applicationId", jpID)},
		{"no applicationId", sharing(t, people(t)...), credentialsOf("plain", "applicationId", "")},
		{"applicationId in Japan", jp, credentialsOf("plain")},
		{"region", elsewhere, credentialsOf("plain")},
	} {
		r := func() *http.Request { return sharePost(t, authenticatePath, x.body) }
		status, text := send(t, x.c, r())
		if got := masked(text); status != 500 || got != masked(shareFile(t, "error_500_AccountPasswordInvalid.json")) {
			t.Errorf("%s: %d %s", x.what, status, got)
		}
		x.c.SetShare(ShareSettings{InternalError: true, Region: x.c.share.settings.Region})
		status, text = send(t, x.c, r())
		if got := masked(text); status != 500 || got != masked(shareFile(t, "error_500_SSO_InternalError_ASSUMED_BODY.json")) {
			t.Errorf("%s: %d %s", x.what, status, got)
		}
	}
}

func TestShareRefusesAWrongAccountIDLikeAWrongPassword(t *testing.T) {
	t.Parallel()
	c := sharing(t, people(t)...)
	id := asked(t, c, authenticatePath, credentialsOf("plain"))
	for _, body := range []string{
		credentialsOf("", "accountId", id, "password", "wrong"),
		credentialsOf("", "accountId", sessionOf(t, c, "one"), "password", "plain"),
		credentialsOf("", "accountId", zeroUUID, "password", "plain"),
		credentialsOf("", "accountId", id, "password", "plain", "applicationId", jpID),
	} {
		if got := asked(t, c, loginPath, body); got != "AccountPasswordInvalid" {
			t.Errorf("%s: %s", body, got)
		}
	}
	c.SetShare(ShareSettings{InternalError: true})
	_, text := send(t, c, sharePost(t, loginPath, credentialsOf("", "accountId", id, "password", "wrong")))
	if !strings.Contains(string(text), `"Cannot Authenticate by AccountId"`) {
		t.Errorf("%s", text)
	}
}

func TestShareArgumentsThatAreNone(t *testing.T) {
	t.Parallel()
	c := sharing(t, people(t)...)
	for _, x := range []struct{ path, body, word string }{
		{authenticatePath, credentialsOf(""), "accountName"},
		{authenticatePath, `{}`, "accountName"},
		{authenticatePath, `{"accountName":null,"password":"x"}`, "accountName"},
		{authenticatePath, `null`, "accountName"},
		{authenticatePath, credentialsOf("plain", "password", ""), "password"},
		{loginByNamePath, credentialsOf("plain", "password", ""), "password"},
		{loginPath, `{}`, "UUID"},
		{loginPath, credentialsOf("", "accountId", "plain", "password", "plain"), "UUID"},
		{loginPath, credentialsOf("", "accountId", zeroUUID[1:], "password", "plain"), "UUID"},
		{loginPath, credentialsOf("", "accountId", strings.Repeat("x", 50_000), "password", "plain"), "UUID"},
		{loginPath, credentialsOf("", "accountId", zeroUUID), "password"},
		{readPath + "?minutes=10&maxCount=1", "", "UUID"},
		{readPath + "?sessionId=null&minutes=10&maxCount=1", "", "UUID"},
		{readPath + "?sessionId=" + sessionOf(t, c, "plain"), "", "minutes"},
		{readPath + "?minutes=-1&maxCount=1&sessionId=" + sessionOf(t, c, "plain"), "", "minutes"},
		{readPath + "?minutes=99999999999999999999&maxCount=1&sessionId=" + sessionOf(t, c, "plain"), "", "minutes"},
		{readPath + "?minutes=10&sessionId=" + sessionOf(t, c, "plain"), "", "maxCount"},
		{readPath + "?minutes=10&maxCount=many&sessionId=" + sessionOf(t, c, "plain"), "", "maxCount"},
	} {
		status, text := send(t, c, sharePost(t, x.path, x.body))
		if codeOf(t, status, text) != "InvalidArgument" || !strings.Contains(string(text), x.word) || len(text) > 500 {
			t.Errorf("%s %.80s: %.200s", x.path, x.body, text)
		}
		if shapeOf(t, text) != shapeOf(t, shareFile(t, "error_500_InvalidArgument_ASSUMED_BODY.json")) {
			t.Errorf("%s is not like the sample", text)
		}
	}
	if got := c.ShareCounts("plain"); got.FailedLogins != 0 {
		t.Errorf("these are no failed logins: %+v", got)
	}
}

func TestShareBodiesThatAreNone(t *testing.T) {
	t.Parallel()
	c := sharing(t, people(t)...)
	typed := func(media string) *http.Request {
		r := sharePost(t, authenticatePath, credentialsOf("plain"))
		r.Header.Set("Content-Type", media)
		return r
	}
	read := readPath + "?minutes=10&maxCount=1&sessionId=" + sessionOf(t, c, "plain")
	for _, x := range []struct {
		r    *http.Request
		want int
	}{
		{sharePost(t, authenticatePath, ""), 400},
		{sharePost(t, authenticatePath, "accountName=plain"), 400},
		{sharePost(t, authenticatePath, "[]"), 400},
		{sharePost(t, authenticatePath, `{"accountName":`), 400},
		{sharePost(t, authenticatePath, `{"accountName":7,"password":"x"}`), 400},
		{sharePost(t, authenticatePath, `{"accountName":"plain","password":["plain"]}`), 400},
		{sharePost(t, loginPath, `{"accountId":{}}`), 400},
		{sharePost(t, authenticatePath, credentialsOf("plain", "password", strings.Repeat("x", 70_000))), 413},
		{sharePost(t, authenticatePath, credentialsOf("plain", "password", strings.Repeat("x", 60_000))), 500},
		{typed("text/plain"), 415},
		{typed(""), 415},
		{typed("application/json; charset=utf-8"), 200},
		{sharePost(t, read, "{}"), 200},
		{sharePost(t, read, " {} \n"), 200},
		{sharePost(t, read, "x"), 400},
		{sharePost(t, read, strings.Repeat(" ", 2000)), 400},
	} {
		if status, text := send(t, c, x.r); status != x.want {
			t.Errorf("%s: %d %s", x.r.URL.Path, status, text)
		}
	}
}

func TestShareMethods(t *testing.T) {
	t.Parallel()
	c := sharing(t, people(t)...)
	for _, x := range []struct {
		method, path string
		want         int
	}{
		{http.MethodGet, authenticatePath, 405},
		{http.MethodGet, loginPath, 405},
		{http.MethodPut, loginByNamePath, 405},
		{http.MethodGet, readPath, 405},
		{http.MethodPost, clockPath, 405},
		{http.MethodGet, clockPath, 200},
		{http.MethodPost, clockPath + "/", 404},
		{http.MethodPost, "/ShareWebServices/Services/General/Nothing", 404},
	} {
		r := sharePost(t, x.path, "")
		r.Method = x.method
		if status, text := send(t, c, r); status != x.want {
			t.Errorf("%s %s: %d %s", x.method, x.path, status, text)
		}
	}
}

func TestShareLoginByNameIsDead(t *testing.T) {
	t.Parallel()
	c := sharing(t, people(t)...)
	for _, body := range []string{credentialsOf("plain"), credentialsOf("plain", "password", "wrong"), credentialsOf("nobody")} {
		_, text := send(t, c, sharePost(t, loginByNamePath, body))
		if !bytes.Equal(bytes.TrimSpace(text), bytes.TrimSpace(shareFile(t, "login_response_default_uuid.json"))) {
			t.Errorf("%s: %s", body, text)
		}
	}
	if got := c.ShareCounts("plain"); got != (ShareCounts{}) {
		t.Errorf("counts are %+v", got)
	}
}

func TestShareAccounts(t *testing.T) {
	t.Parallel()
	c, again := sharing(t, people(t)...), sharing(t, people(t)...)
	seen := make(map[string]bool)
	for _, p := range people(t) {
		id := asked(t, c, authenticatePath, credentialsOf(p.Name))
		if seen[id] {
			t.Errorf("%s has the id of another", p.Name)
		}
		seen[id] = true
	}
	// The order of requests does not matter to account ids.
	if id := asked(t, again, authenticatePath, credentialsOf("one")); !seen[id] {
		t.Errorf("the id of one is %s elsewhere", id)
	}
	session := sessionOf(t, c, "one")
	c.Share(ShareAccount{Person: "one", Username: "eins", Password: "zwei"})
	if got := asked(t, c, authenticatePath, credentialsOf("one")); got != "AccountPasswordInvalid" {
		t.Errorf("the old account answers %s", got)
	}
	if status, text := latest(t, c, session, 10, 1); codeOf(t, status, text) != "SessionNotValid" {
		t.Errorf("the old session answers %s", text)
	}
	if got := tryLogin(t, c, "eins", "zwei"); !isUUID(got) {
		t.Errorf("the new account answers %s", got)
	}
	c.Share(ShareAccount{Person: "stranger", Username: "s", Password: "s"})
	c.Share(ShareAccount{Person: "plain", Username: "p", Password: "p", Data: "stranger"})
	for _, user := range []string{"s", "p"} {
		if got := tryLogin(t, c, user, user); got != "AccountPasswordInvalid" {
			t.Errorf("%s, who is nobody's: %s", user, got)
		}
	}
	if got := tryLogin(t, c, "plain", "plain"); !isUUID(got) {
		t.Errorf("a call that is ignored took the account away: %s", got)
	}
}

func FuzzShareRequests(f *testing.F) {
	for _, name := range []string{"authenticate_request.json", "login_by_id_request.json", "readings_window.json"} {
		f.Add(string(shareFile(f, name)), "sessionId="+zeroUUID+"&minutes=10&maxCount=1")
	}
	f.Add(`{"accountName":"plain","password":"plain"}`, "%zz=1;&sessionid=%00&minutes=-0&maxCount=+1")
	c := sharing(f, &Person{Name: "plain", Seed: 1})
	id := sessionOf(f, c, "plain")
	f.Fuzz(func(t *testing.T, body, query string) {
		for _, path := range []string{authenticatePath, loginPath, loginByNamePath, readPath} {
			r := sharePost(t, path, body)
			r.URL.RawQuery = query
			if status, text := send(t, c, r); status != http.StatusOK && len(text) > 2000 {
				t.Errorf("%s: %d %s", path, status, text)
			}
		}
		r := sharePost(t, readPath, "")
		r.URL.RawQuery = "sessionId=" + id + "&" + query
		switch status, text := send(t, c, r); status {
		case http.StatusOK:
			if len(text) > 0 { // another name of the session may be of none
				interpret(t, text)
			}
		default:
			codeOf(t, status, text)
		}
	})
}
