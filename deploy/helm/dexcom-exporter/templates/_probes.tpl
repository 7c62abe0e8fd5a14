{{/* With a password or TLS the paths answer to those who have it, and the kubelet has none: then the program is asked. */}}
{{- define "dexcom-exporter.probes" -}}
{{- $closed := contains "--web.config.file" (join " " .Values.extraArgs) }}
{{- $ask := dict "exec" (dict "command" (list "/usr/bin/dexcom_exporter" "healthy" "--config.file=/etc/dexcom_exporter/config.yaml")) }}
{{- range $probe, $path := dict "livenessProbe" "/-/healthy" "readinessProbe" "/-/ready" "startupProbe" "/-/healthy" }}
{{ $probe }}:
  {{- if $closed }}
  {{- toYaml $ask | nindent 2 }}
  {{- else }}
  httpGet: {path: {{ $path }}, port: http}
  {{- end }}
  timeoutSeconds: 5
  {{- if eq $probe "startupProbe" }}
  periodSeconds: 2
  failureThreshold: 30
  {{- else }}
  periodSeconds: 30
  {{- end }}
{{- end }}
{{- end }}
