package main

import (
	"log/slog"
	"maps"
	"net"
	"net/url"
	"slices"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom"
)

// warnOfRedirects warns of apps whose redirect_url leads to this machine, to a port on
// which this program does not listen: people would consent and not come back. Behind
// https and under another name there may be a proxy.
func (p *plan) warnOfRedirects(listening []net.Addr, log *slog.Logger) {
	for _, region := range slices.Sorted(maps.Keys(p.apps)) {
		if redirect := p.apps[region].RedirectURL; p.links(region) && leadsNowhere(redirect, listening) {
			log.Warn("redirect_url leads to a port on which this program does not listen: who links an account will not come back; `dexcom_exporter link` works",
				"app", region, "redirect_url", redirect)
		}
	}
}

// links tells whether an account must be linked by the app of a region.
func (p *plan) links(region dexcom.Region) bool {
	return slices.ContainsFunc(p.accounts, func(a plannedAccount) bool { return a.api && a.region == region })
}

func leadsNowhere(redirect string, listening []net.Addr) bool {
	u, err := url.Parse(redirect)
	if err != nil || u.Scheme != "http" || !isLoopback(u.Hostname()) {
		return false
	}
	_, port, err := net.SplitHostPort(hostPort(u))
	if err != nil {
		return false
	}
	return !slices.ContainsFunc(listening, func(address net.Addr) bool {
		_, heard, err := net.SplitHostPort(address.String())
		return err != nil || heard == port // a socket without ports may be anything
	})
}
