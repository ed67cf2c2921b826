#!/usr/bin/env python3
"""Writes manifests as a configuration repository holds them: make_manifests.py DIR COUNT BYTES_EACH"""
import pathlib
import sys

folder, count, size = pathlib.Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
folder.mkdir(parents=True, exist_ok=True)


def webhook(n):
    return f"""apiVersion: admissionregistration.k8s.io/v1
kind: {"Mutating" if n % 2 else "Validating"}WebhookConfiguration
metadata:
  name: gate-{n}
webhooks:
- name: check.gate-{n}.example.com
  admissionReviewVersions: [v1]
  sideEffects: None
  failurePolicy: Ignore
  timeoutSeconds: 5
  clientConfig:
    service: {{namespace: team-{n}, name: gate-{n}, path: /validate}}
  rules:
  - apiGroups: [apps]
    apiVersions: [v1]
    operations: [CREATE, UPDATE]
    resources: [deployments]
    scope: Namespaced
  namespaceSelector:
    matchLabels: {{team: team-{n}}}
"""


def service(n):
    return f"""apiVersion: v1
kind: Service
metadata: {{name: gate-{n}, namespace: team-{n}}}
spec:
  selector: {{app: gate-{n}}}
  ports:
  - {{name: https, port: 443, targetPort: 8443}}
"""


def deployment(n):
    return f"""apiVersion: apps/v1
kind: Deployment
metadata:
  name: gate-{n}
  namespace: team-{n % 500}
  labels: {{app: gate-{n}}}
spec:
  replicas: 2
  selector:
    matchLabels: {{app: gate-{n}}}
  template:
    metadata:
      labels: {{app: gate-{n}}}
    spec:
      containers:
      - name: main
        image: registry.example.com/team/gate-{n}:1.{n}.0
        ports:
        - {{name: https, containerPort: 8443}}
        readinessProbe:
          httpGet: {{path: /readyz, port: https, scheme: HTTPS}}
        resources:
          requests: {{cpu: 100m, memory: 128Mi}}
"""


def padding(text):
    """Environment variables and annotations, the bulk of real manifests."""
    lines, total, n = [], len(text), 0
    while total < size:
        line = f"  note-{n}.example.com/text: \"value number {n} of this object, as templates write them\"\n"
        lines.append(line)
        total += len(line)
        n += 1
    return text.replace("metadata:\n", "metadata:\n  annotations:\n" + "".join("  " + line for line in lines), 1) if "metadata:\n" in text else text


def config_map(n):
    return f"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings-{n}\n  namespace: team-{n % 500}\ndata:\n  key: value\n"


for n in range(count):
    if n % 100 == 0:
        text = webhook(n) + "---\n" + service(n)
        (folder / f"{n:05}-webhook.yaml").write_text(padding(text))
    elif n % 2:
        (folder / f"{n:05}-deployment.yaml").write_text(padding(deployment(n)))
    else:
        (folder / f"{n:05}-settings.yaml").write_text(padding(config_map(n)))
