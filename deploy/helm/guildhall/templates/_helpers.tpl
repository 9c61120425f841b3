{{/* Go's own template functions only: any renderer of Go templates renders this chart, and a test does. */}}
{{- define "guildhall.image" -}}
{{ printf "%q" (printf "%s:%v" .Values.image.repository .Values.image.tag) }}
{{- end -}}
