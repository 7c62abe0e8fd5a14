package web

import "net/http"

// serveReload loads the configuration again. Who asks reads why it failed; a
// configuration's errors name lines and keys, and no secrets.
func serveReload(reload func() error) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		if reload == nil {
			say(w, http.StatusForbidden, "reload by HTTP is off: start with --web.enable-lifecycle, or send SIGHUP")
			return
		}
		if err := reload(); err != nil {
			say(w, http.StatusInternalServerError, "not loaded again, the configuration before stays: "+err.Error())
			return
		}
		say(w, http.StatusOK, "loaded again")
	}
}
