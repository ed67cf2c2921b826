#!/usr/bin/env python3
"""An API server's log of so many megabytes on stdout: requests, traces, and one failed webhook call in a thousand lines."""
import random
import sys

FAILED = ('W1125 03:57:34.953925    1234 dispatcher.go:217] Failed calling webhook, failing closed check.example.io: failed calling webhook '
          '"check.example.io": failed to call webhook: Post "https://svc-{0}.ns.svc:443/validate?timeout=10s": dial tcp 10.0.0.{1}:9452: '
          'connect: connection refused\n')
GET = ('I1125 03:57:{0:02d}.{1:06d}    1234 httplog.go:134] "HTTP" verb="GET" URI="/api/v1/namespaces/kube-system/pods/{2}" latency="1.{3}ms" '
       'userAgent="kubelet/v1.36.0 (linux/amd64) kubernetes/abc" audit-ID="{4:032x}" srcIP="10.0.0.{5}:4{6:04d}" resp=200\n')
TRACE = ('I1125 03:57:{0:02d}.{1:06d}    1234 trace.go:236] Trace[{2}]: "Update" accept:application/vnd.kubernetes.protobuf, */*,'
         'audit-id:{4:032x},client:10.0.0.{5},protocol:HTTP/2.0,resource:leases,scope:resource,url:/apis/coordination.k8s.io/v1/namespaces/'
         'kube-node-lease/leases/node-{6} total time 5{3}ms\n')
LIST = ('I1125 03:57:{0:02d}.{1:06d}    1234 httplog.go:134] "HTTP" verb="LIST" URI="/apis/admissionregistration.k8s.io/v1/'
        'validatingwebhookconfigurations?limit={2}" latency="0.{3}ms" audit-ID="{4:032x}" srcIP="10.0.0.{5}:4{6:04d}" resp=200\n')

rng = random.Random(1)
lines = []
for i in range(40000):
    if i % 1000 == 500:
        lines.append(FAILED.format(i % 7, i % 250))
        continue
    form = GET if i % 10 < 7 else TRACE if i % 10 < 9 else LIST
    lines.append(form.format(i % 60, rng.randrange(10**6), rng.randrange(10**6), rng.randrange(900), rng.getrandbits(128), i % 250, i % 10000))
block = "".join(lines).encode()
left = int(sys.argv[1]) * 1_000_000
while left > 0:
    sys.stdout.buffer.write(block)
    left -= len(block)
