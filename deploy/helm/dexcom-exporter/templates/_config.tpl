{{/* The configuration file, with the state where the volume is. */}}
{{- define "dexcom-exporter.config" -}}
{{- if hasKey .Values.config "state_dir" }}
{{- fail "config.state_dir: the chart sets it, remove it" }}
{{- end }}
{{- include "dexcom-exporter.noSecret" (dict "path" "config" "value" .Values.config) }}
{{- mustMerge (dict "state_dir" "/var/lib/dexcom_exporter") .Values.config | toYaml }}
{{- end }}

{{/* Everybody who may read ConfigMaps would read it. */}}
{{- define "dexcom-exporter.noSecret" -}}
{{- $path := .path }}
{{- if kindIs "map" .value }}
{{- range $key, $value := .value }}
{{- $here := printf "%s.%s" $path $key }}
{{- if has $key (list "password" "client_secret" "key" "secrets" "proxy_connect_header") }}
{{- fail (printf "%s: a ConfigMap is no place for a secret: put it into the Secret and name its file, or put all of config.yaml there" $here) }}
{{- end }}
{{- if or (and (has $key (list "proxy_url" "endpoint" "base_url")) (contains "@" (toString $value))) (and (eq $path "config.otlp.headers") (ne (lower $key) "x-scope-orgid")) (and (hasPrefix "config.http.http_headers." $path) (eq $key "values")) }}
{{- fail (printf "%s: a ConfigMap is no place for a secret: put all of config.yaml into the Secret" $here) }}
{{- end }}
{{- include "dexcom-exporter.noSecret" (dict "path" $here "value" $value) }}
{{- end }}
{{- else if kindIs "slice" .value }}
{{- range $i, $value := .value }}
{{- include "dexcom-exporter.noSecret" (dict "path" (printf "%s[%d]" $path $i) "value" $value) }}
{{- end }}
{{- end }}
{{- end }}
