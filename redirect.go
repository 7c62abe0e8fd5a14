package main

import (
	"log/slog"
	"maps"
	"net"
	"net/url"
	"slices"
	"strconv"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom"
)

// warnOfRedirects warns of apps whose redirect_url leads to this machine, where this
// program does not listen: people would consent and not come back. Behind
// https and under another name there may be a proxy.
func (p *plan) warnOfRedirects(listening []net.Addr, log *slog.Logger) {
	for _, region := range slices.Sorted(maps.Keys(p.apps)) {
		if redirect := p.apps[region].RedirectURL; p.links(region) && leadsNowhere(redirect, listening) {
			log.Warn("redirect_url leads to an address on which this program does not listen: unless something forwards it, who links an account will not come back; `dexcom_exporter link --paste` works all the same",
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
	return !slices.ContainsFunc(listening, func(address net.Addr) bool {
		tcp, is := address.(*net.TCPAddr)
		return !is || hears(tcp, u) // another kind of socket may be anything
	})
}

// hears tells whether who listens on an address of this machine hears who calls a
// loopback address; localhost is all of these.
func hears(listener *net.TCPAddr, loopback *url.URL) bool {
	_, port, err := net.SplitHostPort(hostPort(loopback))
	if err != nil || port != strconv.Itoa(listener.Port) {
		return false
	}
	called := net.ParseIP(loopback.Hostname())
	return len(listener.IP) == 0 || listener.IP.IsUnspecified() || called.Equal(listener.IP) || called == nil && listener.IP.IsLoopback()
}
