// The mixin has each group of the rules once, and each dashboard as its file has it. `make rules` evaluates this.
local mixin = import '../mixin.libsonnet';
local rules = std.parseYaml(importstr '../dexcom.rules.yaml');
local groups = mixin.prometheusAlerts.groups + mixin.prometheusRules.groups;
local byName(groups) = std.sort(groups, function(group) group.name);

assert std.length(rules.groups) > 0;
assert byName(groups) == byName(rules.groups) : 'the mixin does not have the groups of dexcom.rules.yaml';
assert std.all([
  std.any(['alert' in rule for rule in group.rules])
  for group in mixin.prometheusAlerts.groups
]) : 'a group of prometheusAlerts does not alert';
assert mixin.grafanaDashboards == {
  'everyone.json': std.parseJson(importstr '../../dashboards/everyone.json'),
  'exporter.json': std.parseJson(importstr '../../dashboards/exporter.json'),
  'glucose.json': std.parseJson(importstr '../../dashboards/glucose.json'),
} : 'the mixin does not have the dashboards';

mixin.prometheusAlerts { groups+: mixin.prometheusRules.groups }
