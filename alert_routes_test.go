package main

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"gopkg.in/yaml.v3" //nolint:depguard // the example is YAML, and no part of the program
)

// alertmanager is its configuration, as far as the example uses it: anything else is
// an error, because nobody here knows what it mutes.
type alertmanager struct {
	Intervals []struct {
		Name      string
		Intervals []any `yaml:"time_intervals"`
	} `yaml:"time_intervals"`
	Route     alertRoute
	Inhibits  []inhibition `yaml:"inhibit_rules"`
	Receivers []struct {
		Name     string
		Webhooks []struct {
			URL          string
			SendResolved *bool `yaml:"send_resolved"`
		} `yaml:"webhook_configs"`
	}
}

type inhibition struct {
	Source []string `yaml:"source_matchers"`
	Target []string `yaml:"target_matchers"`
	Equal  []string
}

// alertRoute is a part of Alertmanager's tree.
type alertRoute struct {
	Matchers       []string
	Receiver       string
	GroupBy        []string      `yaml:"group_by"`
	GroupWait      time.Duration `yaml:"group_wait"`
	GroupInterval  time.Duration `yaml:"group_interval"`
	RepeatInterval time.Duration `yaml:"repeat_interval"`
	Muted          []string      `yaml:"mute_time_intervals"`
	Active         []string      `yaml:"active_time_intervals"`
	Continue       bool
	Routes         []yaml.Node
}

// labelSet are the labels of an alert.
type labelSet map[string]string

// holds tells whether a matcher matches; a label that is missing is empty.
func (l labelSet) holds(matcher string) (bool, error) {
	parts := regexp.MustCompile(`^\s*([a-zA-Z_]\w*)\s*(=~|!~|!=|=)\s*("(?:[^"\\]|\\.)*"|[^\s"{},=!~]+)\s*$`).FindStringSubmatch(matcher)
	if parts == nil {
		return false, fmt.Errorf("read matcher %q: not of the form name, operator, value", matcher)
	}
	value := parts[3]
	if strings.HasPrefix(value, `"`) {
		var err error
		if value, err = strconv.Unquote(value); err != nil {
			return false, fmt.Errorf("read matcher %q: %w", matcher, err)
		}
	}
	if !strings.HasSuffix(parts[2], "~") {
		value = regexp.QuoteMeta(value)
	}
	pattern, err := regexp.Compile("^(?:" + value + ")$")
	if err != nil {
		return false, fmt.Errorf("read matcher %q: %w", matcher, err)
	}
	return pattern.MatchString(l[parts[1]]) == (parts[2][0] == '='), nil
}

// all tells whether each matcher matches; all of them must be readable.
func (l labelSet) all(matchers []string) (bool, error) {
	matched := true
	for _, matcher := range matchers {
		ok, err := l.holds(matcher)
		if err != nil {
			return false, err
		}
		matched = matched && ok
	}
	return matched, nil
}

// ways are the routes by which an alert that is here is told. Those below inherit the
// receiver and the times, not the intervals.
func (r alertRoute) ways(l labelSet) (found []alertRoute, err error) {
	for _, node := range r.Routes {
		below := alertRoute{
			Receiver: r.Receiver, GroupBy: r.GroupBy,
			GroupWait: r.GroupWait, GroupInterval: r.GroupInterval, RepeatInterval: r.RepeatInterval,
		}
		if err := strictly(&node, &below); err != nil {
			return nil, err
		}
		matched, err := l.all(below.Matchers)
		if err != nil {
			return nil, err
		}
		if !matched {
			continue
		}
		further, err := below.ways(l)
		if err != nil {
			return nil, err
		}
		found = append(found, further...)
		if !below.Continue {
			break
		}
	}
	if found == nil {
		found = []alertRoute{r}
	}
	return found, nil
}

// strictly decodes a node, and does not forgive a field that is not known.
func strictly(node *yaml.Node, into any) error {
	text, err := yaml.Marshal(node)
	if err != nil {
		return fmt.Errorf("write route: %w", err)
	}
	return decodeStrictly(string(text), into)
}

func decodeStrictly(text string, into any) error {
	decoder := yaml.NewDecoder(strings.NewReader(text))
	decoder.KnownFields(true)
	if err := decoder.Decode(into); err != nil {
		return fmt.Errorf("read configuration: %w", err)
	}
	return nil
}

// every is how often Alertmanager tells again: it looks each GroupInterval whether
// more than RepeatInterval has gone.
func (r alertRoute) every() time.Duration {
	return r.RepeatInterval - r.RepeatInterval%max(r.GroupInterval, 1) + r.GroupInterval
}

// open tells whether the route tells anything in an interval.
func (r alertRoute) open(interval string) bool {
	return !slices.Contains(r.Muted, interval) && (len(r.Active) == 0 || slices.Contains(r.Active, interval))
}

// silentReceivers tell nobody that an alert is over.
func (a alertmanager) silentReceivers() (names []string) {
	for _, receiver := range a.Receivers {
		silent := true
		for _, hook := range receiver.Webhooks {
			silent = silent && hook.SendResolved != nil && !*hook.SendResolved
		}
		if silent {
			names = append(names, receiver.Name)
		}
	}
	return names
}

// labels are those that an alert of alice has.
func (r alertRule) labels() labelSet {
	l := labelSet{"alertname": r.Alert, "account": "alice", "severity": r.Labels["severity"]}
	if nobodys(r.Alert) {
		delete(l, "account")
	}
	return l
}

// complaints are what is wrong with a configuration for these rules.
func complaints(text string, rules []alertRule) (found []string) {
	var config alertmanager
	if err := decodeStrictly(text, &config); err != nil {
		return []string{err.Error()}
	}
	for _, rule := range rules {
		ways, err := config.Route.ways(rule.labels())
		if err != nil {
			return append(found, err.Error())
		}
		found = append(found, complaintsOfWays(rule, ways, config.silentReceivers())...)
	}
	for _, inhibit := range config.Inhibits {
		found = append(found, complaintsOfInhibition(inhibit, rules)...)
	}
	return found
}

func complaintsOfWays(rule alertRule, ways []alertRoute, silent []string) (found []string) {
	complain := func(bad bool, format string, values ...any) {
		if bad {
			found = append(found, rule.Alert+" "+fmt.Sprintf(format, values...))
		}
	}
	reaches := func(interval string) bool {
		return slices.ContainsFunc(ways, func(w alertRoute) bool { return w.open(interval) })
	}
	mayWait := rule.Labels["severity"] == "info" || !rule.live() && rule.Alert != "DexcomNoData" && rule.Alert != "DexcomExporterDown"
	complain(!reaches("day"), "is told to nobody by day")
	complain(!reaches("night") && !mayWait, "is told to nobody by night")
	for _, way := range ways {
		complain(rule.live() && !slices.Contains(silent, way.Receiver), "gets an all-clear from %s", way.Receiver)
		complain(rule.Labels["severity"] == "critical" && len(way.Muted)+len(way.Active) > 0, "is muted by %v or outside of %v", way.Muted, way.Active)
		complain(!slices.Contains(way.GroupBy, "account") || !slices.Contains(way.GroupBy, "alertname"), "is grouped by %v", way.GroupBy)
	}
	if rule.Alert == "DexcomUrgentLow" {
		complain(len(ways) != 1 || ways[0].GroupWait != 0 || ways[0].GroupInterval != time.Minute || ways[0].every() != 5*time.Minute,
			"is told by %+v", ways)
	}
	return found
}

func complaintsOfInhibition(inhibit inhibition, rules []alertRule) (found []string) {
	if !slices.Equal(inhibit.Equal, []string{"account"}) {
		found = append(found, fmt.Sprintf("%+v is not within one account", inhibit))
	}
	others := slices.Clone(rules)
	for _, severity := range []string{"critical", "warning", "info"} {
		others = append(others, alertRule{Alert: "SomebodyElses", Labels: labelSet{"severity": severity}})
	}
	for _, target := range rules {
		if !slices.Contains([]string{"DexcomUrgentLow", "DexcomUrgentLowSoon", "DexcomLow"}, target.Alert) {
			continue
		}
		hidden, err := target.labels().all(inhibit.Target)
		if err != nil {
			return append(found, err.Error())
		}
		for _, source := range others {
			hides, err := source.labels().all(inhibit.Source)
			if err != nil {
				return append(found, err.Error())
			}
			if hidden && (target.Alert == "DexcomUrgentLow" || hides && source.Alert != "DexcomUrgentLow") {
				found = append(found, fmt.Sprintf("%+v hides %s behind %s", inhibit, target.Alert, source.Alert))
			}
		}
	}
	return found
}

// alertsAlone are the rules that alert.
func alertsAlone(t *testing.T) []alertRule {
	t.Helper()
	return slices.DeleteFunc(alertRules(t), func(r alertRule) bool { return r.Alert == "" })
}

func TestNothingMutesAnUrgentLow(t *testing.T) {
	t.Parallel()
	for _, complaint := range complaints(read(t, "alerts/alertmanager.example.yaml"), alertsAlone(t)) {
		t.Error(complaint)
	}
}

// What mutes an urgent low in some other way must be noticed too.
func TestMutedUrgentLowsAreNoticed(t *testing.T) {
	t.Parallel()
	const (
		urgent  = "    - matchers: [alertname = DexcomUrgentLow]\n      receiver: phone-live\n"
		targets = `target_matchers: [alertname =~ "DexcomLow|DexcomUrgentLowSoon|DexcomFallingFast"]`
	)
	text, rules := read(t, "alerts/alertmanager.example.yaml"), alertsAlone(t)
	for name, change := range map[string]struct{ before, after string }{
		"inhibited by what it is not":   {targets, "target_matchers: [alertname != DexcomHigh]"},
		"inhibited by no such pattern":  {targets, `target_matchers: [alertname !~ "DexcomHigh|Dexcom.*Fast"]`},
		"inhibited by a pattern":        {targets, `target_matchers: [alertname =~ "DexcomUrgent.*"]`},
		"inhibited by severity":         {targets, "target_matchers: [severity = critical]"},
		"inhibited by account":          {targets, `target_matchers: [account =~ ".+"]`},
		"inhibited without matchers":    {targets, "target_matchers: []"},
		"inhibited by two matchers":     {targets, `target_matchers: [severity != info, alertname =~ ".*Low"]`},
		"inhibited in the old form":     {targets, "target_match: {alertname: DexcomUrgentLow}"},
		"inhibited by a list in one":    {targets, `target_matchers: ['{severity="critical",account!=""}']`},
		"no matcher":                    {targets, `target_matchers: ["DexcomLow"]`},
		"no pattern":                    {targets, `target_matchers: ['alertname =~ "Dexcom("']`},
		"low behind all that is urgent": {"source_matchers: [alertname = DexcomUrgentLow]", "source_matchers: [severity = critical]"},
		"low behind anything":           {"source_matchers: [alertname = DexcomUrgentLow]", "source_matchers: []"},
		"across accounts":               {"equal: [account]", "equal: []"},
		"muted":                         {urgent, urgent + "      mute_time_intervals: [night]\n"},
		"active by day":                 {urgent, urgent + "      active_time_intervals: [day]\n"},
		"muted below":                   {urgent, urgent + "      routes:\n        - matchers: [account = alice]\n          mute_time_intervals: [night]\n"},
		"muted far below": {urgent, urgent + "      routes:\n        - matchers: [severity = critical]\n          routes:\n" +
			"            - matchers: [account != bob]\n              mute_time_intervals: [night]\n"},
		"muted before":          {urgent, "    - matchers: [severity != info]\n      mute_time_intervals: [night]\n" + urgent},
		"muted before, not bob": {urgent, "    - matchers: [account !~ \"bob\"]\n      mute_time_intervals: [night]\n" + urgent},
		"taken before":          {urgent, "    - matchers: [account =~ \".+\"]\n      receiver: phone\n" + urgent},
		"told twice":            {urgent, "    - matchers: [severity = critical]\n      continue: true\n      receiver: phone-live\n" + urgent},
		"unknown option":        {urgent, urgent + "      mute_times: [night]\n"},
		"every six minutes":     {"repeat_interval: 4m30s", "repeat_interval: 5m"},
		"after half a minute":   {"      group_wait: 0s\n", ""},
		"looked at seldom":      {"      group_interval: 1m\n", ""},
		"grouped by name":       {"group_by: [alertname, account, source]", "group_by: [alertname]"},
		"all-clear":             {"9095/dexcom\n        send_resolved: false", "9095/dexcom"},
		"all-clear for a high":  {"[alertname = DexcomUrgentHigh]\n      receiver: phone-live", "[alertname = DexcomUrgentHigh]\n      receiver: phone"},
		"by night alone":        {"      active_time_intervals: [night]\n      continue: true\n", "      active_time_intervals: [night]\n"},
		"by day alone":          {"      active_time_intervals: [night]\n", "      active_time_intervals: [day]\n"},
	} {
		if !strings.Contains(text, change.before) {
			t.Errorf("%s: the example has no %q", name, change.before)
			continue
		}
		if found := complaints(strings.Replace(text, change.before, change.after, 1), rules); len(found) == 0 {
			t.Errorf("%s: nothing was noticed", name)
		}
	}
}

func TestMatchersMatchAsInAlertmanager(t *testing.T) {
	t.Parallel()
	l := labelSet{"alertname": "DexcomLow", "account": "alice"}
	for matcher, want := range map[string]bool{
		"alertname = DexcomLow": true, `alertname="DexcomLow"`: true, "alertname = Dexcom": false, "alertname != Dexcom": true,
		`alertname =~ "Dexcom"`: false, `alertname =~ "Dexcom.*"`: true, `alertname !~ "Dexcom.*"`: false, `account !~ "b|c"`: true,
		`source = ""`: true, `source != ""`: false, "source != api": true, `source =~ ".*"`: true, `account = "a.*"`: false,
	} {
		if got, err := l.holds(matcher); err != nil || got != want {
			t.Errorf("%s: %v, %v", matcher, got, err)
		}
	}
	for _, matcher := range []string{"", "alertname", "= a", "a == b", "a=b, c=d", "{a=b}", `a="b`, `a =~ "("`} {
		if _, err := l.holds(matcher); err == nil {
			t.Errorf("%q was read", matcher)
		}
	}
}
