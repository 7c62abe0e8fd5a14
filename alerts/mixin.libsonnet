// The rules and the dashboards as a Jsonnet mixin, over the files beside it:
//
//   local dexcom = import 'dexcom_exporter/alerts/mixin.libsonnet';
//   std.manifestYamlDoc(dexcom.prometheusAlerts)
//
// An alert reads what the rules before it in its group recorded just then, so a group that alerts stays whole, and is in
// prometheusAlerts with its recording rules. prometheusRules has the groups that only record.
local groups = std.parseYaml(importstr 'dexcom.rules.yaml').groups;
local alerts(group) = std.length([rule for rule in group.rules if 'alert' in rule]) > 0;

{
  prometheusAlerts+:: {
    groups+: [group for group in groups if alerts(group)],
  },

  prometheusRules+:: {
    groups+: [group for group in groups if !alerts(group)],
  },

  grafanaDashboards+:: {
    'everyone.json': import '../dashboards/everyone.json',
    'exporter.json': import '../dashboards/exporter.json',
    'glucose.json': import '../dashboards/glucose.json',
  },
}
