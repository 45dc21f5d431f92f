{{- define "howdah.name" -}}
{{- if contains .Chart.Name .Release.Name }}{{ .Release.Name | trunc 40 | trimSuffix "-" }}{{ else }}{{ printf "%s-howdah" .Release.Name | trunc 40 | trimSuffix "-" }}{{ end }}
{{- end }}

{{- define "howdah.selector" -}}
app.kubernetes.io/name: howdah
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- /* Pods of both roles, and not those of the store, which carry the release's labels too. */ -}}
{{- define "howdah.podSelector" -}}
{{ include "howdah.selector" . }}
howdah.dev/program: howdah
{{- end }}

{{- define "howdah.labels" -}}
{{ include "howdah.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end }}

{{- define "howdah.image" -}}
{{- $image := .Values.image }}
{{- $repository := required "image.repository is required: where you pushed the image of deploy/images" $image.repository }}
{{- if $image.digest }}{{ $repository }}@{{ $image.digest }}{{ else }}{{ $repository }}:{{ $image.tag | default .Chart.AppVersion }}{{ end }}
{{- end }}

{{- define "howdah.store" -}}
{{ include "howdah.name" . }}-store
{{- end }}

{{- define "howdah.container" -}}
image: {{ include "howdah.image" . }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: {drop: [ALL]}
{{- end }}

{{- /* The pod of either role: they differ in their name, their values, and whether people call them. */ -}}
{{- define "howdah.pod" -}}
{{- $root := .root -}}
{{- $values := index $root.Values .role -}}
metadata:
  labels:
    {{- include "howdah.labels" $root | nindent 4 }}
    app.kubernetes.io/component: {{ .role }}
    howdah.dev/program: howdah
    {{- with $root.Values.podLabels }}{{ toYaml . | nindent 4 }}{{ end }}
  annotations:
    # A change of it starts new pods.
    checksum/locations: {{ toJson $root.Values.locations | sha256sum }}
    {{- with $root.Values.podAnnotations }}{{ toYaml . | nindent 4 }}{{ end }}
spec:
  serviceAccountName: {{ include "howdah.name" $root }}
  # Otherwise the Service called howdah would set variables that look like settings.
  enableServiceLinks: false
  terminationGracePeriodSeconds: 30
  securityContext:
    runAsNonRoot: true
    runAsUser: 65532
    runAsGroup: 65532
    fsGroup: 65532
    seccompProfile: {type: RuntimeDefault}
  {{- with $root.Values.imagePullSecrets }}
  imagePullSecrets: {{ range . }}{{ printf "\n    - name: %s" . }}{{ end }}
  {{- end }}
  {{- if not $root.Values.store.existingSecret }}
  initContainers:
    - name: wait-for-store
      {{- include "howdah.container" $root | nindent 6 }}
      command: [node, /etc/howdah/wait-for-store.js]
      env:
        - {name: STORE_HOST, value: {{ include "howdah.store" $root }}-rw.{{ $root.Release.Namespace }}.svc}
      resources: {{ toYaml $values.resources | nindent 8 }}
      volumeMounts:
        - {name: configuration, mountPath: /etc/howdah/wait-for-store.js, subPath: wait-for-store.js, readOnly: true}
  {{- end }}
  containers:
    - name: howdah
      {{- include "howdah.container" $root | nindent 6 }}
      ports:
        - {name: http, containerPort: 8080}
      env:
        - {name: HOWDAH_ROLES, value: {{ .role }}}
        - {name: HOWDAH_HOST, value: 0.0.0.0}
        - {name: {{ ternary "HOWDAH_PORT" "HOWDAH_HEALTH_PORT" (eq .role "api") }}, value: '8080'}
        - {name: HOWDAH_DATA_DIR, value: /var/lib/howdah}
        - {name: HOWDAH_LOCATIONS, value: /etc/howdah/locations.yaml}
        - {name: HOWDAH_PUBLIC_URL, value: {{ $root.Values.publicUrl | default (printf "http://%s.%s.svc" (include "howdah.name" $root) $root.Release.Namespace) | quote }}}
        - {name: HOWDAH_TRUST_PROXY, value: {{ or $root.Values.ingress.enabled $root.Values.gateway.enabled | quote }}}
        - {name: HOWDAH_LOG_LEVEL, value: {{ $root.Values.log.level }}}
        - {name: HOWDAH_LOG_FORMAT, value: json}
        - {name: HOWDAH_WORKER_CONCURRENCY, value: {{ $root.Values.worker.concurrency | quote }}}
        - {name: HOWDAH_DATABASE_POOL, value: {{ $root.Values.store.pool | quote }}}
        - {name: HOWDAH_ADMIN_EMAIL, value: {{ $root.Values.admin.email | quote }}}
        - name: HOWDAH_ADMIN_PASSWORD
          valueFrom: {secretKeyRef: {name: {{ $root.Values.admin.existingSecret | default (printf "%s-admin" (include "howdah.name" $root)) }}, key: password}}
        - name: HOWDAH_SECRET_KEY
          valueFrom: {secretKeyRef: {name: {{ $root.Values.secretKey.existingSecret | default (printf "%s-secret-key" (include "howdah.name" $root)) }}, key: key}}
        {{- if $root.Values.store.existingSecret }}
        - name: HOWDAH_DATABASE_URL
          valueFrom: {secretKeyRef: {name: {{ $root.Values.store.existingSecret }}, key: url}}
        {{- else }}
        - name: STORE_PASSWORD
          valueFrom: {secretKeyRef: {name: {{ include "howdah.store" $root }}-app, key: password}}
        - name: HOWDAH_DATABASE_URL
          value: postgresql://howdah:$(STORE_PASSWORD)@{{ include "howdah.store" $root }}-rw.{{ $root.Release.Namespace }}.svc:5432/howdah?sslmode=verify-full&sslrootcert=/etc/howdah/store-ca/ca.crt
        {{- end }}
      # The first start migrates the store.
      startupProbe: {httpGet: {path: /health, port: http}, periodSeconds: 2, failureThreshold: 60}
      livenessProbe: {httpGet: {path: /health, port: http}, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 6}
      readinessProbe: {httpGet: {path: /ready, port: http}, periodSeconds: 5, timeoutSeconds: 5}
      resources: {{ toYaml $values.resources | nindent 8 }}
      volumeMounts:
        - {name: data, mountPath: /var/lib/howdah}
        - {name: configuration, mountPath: /etc/howdah/locations.yaml, subPath: locations.yaml, readOnly: true}
        {{- range $root.Values.locationSecrets }}
        - {name: {{ printf "secret-%s" . }}, mountPath: {{ printf "/etc/howdah/secrets/%s" . }}, readOnly: true}
        {{- end }}
        {{- if not $root.Values.store.existingSecret }}
        - {name: store-ca, mountPath: /etc/howdah/store-ca, readOnly: true}
        {{- end }}
  volumes:
    # Nothing that has to last: compiled code, certificates for clients, and how the command in this pod gets in.
    - {name: data, emptyDir: {}}
    - {name: configuration, configMap: {name: {{ include "howdah.name" $root }}}}
    {{- range $root.Values.locationSecrets }}
    - name: {{ printf "secret-%s" . }}
      secret: {secretName: {{ . }}, defaultMode: 0440}
    {{- end }}
    {{- if not $root.Values.store.existingSecret }}
    - name: store-ca
      secret: {secretName: {{ include "howdah.store" $root }}-ca, items: [{key: ca.crt, path: ca.crt}]}
    {{- end }}
  topologySpreadConstraints:
    - maxSkew: 1
      topologyKey: kubernetes.io/hostname
      whenUnsatisfiable: ScheduleAnyway
      labelSelector:
        matchLabels:
          {{- include "howdah.selector" $root | nindent 10 }}
          app.kubernetes.io/component: {{ .role }}
  {{- with $values.nodeSelector }}
  nodeSelector: {{ toYaml . | nindent 4 }}
  {{- end }}
  {{- with $values.tolerations }}
  tolerations: {{ toYaml . | nindent 4 }}
  {{- end }}
  {{- with $values.affinity }}
  affinity: {{ toYaml . | nindent 4 }}
  {{- end }}
{{- end }}
