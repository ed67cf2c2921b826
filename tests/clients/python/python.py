#!/usr/bin/env python3
"""The Python client `kubernetes` against the server: python.py KUBECONFIG"""
import sys, threading, time

from kubernetes import client, config, dynamic, watch
from kubernetes.client.exceptions import ApiException

failures = []


def expect(name, ok, seen=""):
    print(f"{'ok  ' if ok else 'FAIL'} {name} {'' if ok else seen}", flush=True)
    if not ok:
        failures.append(name)


def refused(status, call, *arguments, **options):
    try:
        call(*arguments, **options)
    except ApiException as error:
        return error.status == status and error.body
    return False


api = config.new_client_from_config(sys.argv[1])
core = client.CoreV1Api(api)
apps = client.AppsV1Api(api)
namespace = core.create_namespace({"metadata": {"generateName": "py-"}}).metadata.name
make = lambda name, **data: client.V1ConfigMap(metadata=client.V1ObjectMeta(name=name), data=data)

# A watch from a list's version sees every change in its order, and ends when it was told to.
listed = core.list_namespaced_config_map(namespace)
events = []


def follow():
    for event in watch.Watch().stream(core.list_namespaced_config_map, namespace, resource_version=listed.metadata.resource_version, timeout_seconds=20):
        events.append((event["type"], event["object"].metadata.name, (event["object"].data or {}).get("n")))
        if event["type"] == "DELETED":
            return


follower = threading.Thread(target=follow)
follower.start()
core.create_namespaced_config_map(namespace, make("m", n="1"))
core.patch_namespaced_config_map("m", namespace, {"data": {"n": "2"}})
core.delete_namespaced_config_map("m", namespace)
follower.join(20)
expect("a watch tells all changes in order", events == [("ADDED", "m", "1"), ("MODIFIED", "m", "2"), ("DELETED", "m", "2")], events)
began = time.monotonic()
rest = list(watch.Watch().stream(core.list_namespaced_config_map, namespace, timeout_seconds=1))
expect("a watch ends at its timeout", rest == [] and 0.8 < time.monotonic() - began < 5, rest)
try:
    list(watch.Watch().stream(core.list_namespaced_config_map, namespace, resource_version="-1", timeout_seconds=2))
    expect("a version that is none is refused", False)
except ApiException as error:
    expect("a version that is none is refused", error.status == 500, error)

# The four kinds of patches.
core.create_namespaced_config_map(namespace, make("p", a="1", b="1"))
merged = core.patch_namespaced_config_map("p", namespace, {"data": {"a": None, "c": "3"}}, _content_type="application/merge-patch+json")
expect("merge patch", merged.data == {"b": "1", "c": "3"}, merged.data)
jsoned = core.patch_namespaced_config_map("p", namespace, [{"op": "test", "path": "/data/b", "value": "1"}, {"op": "move", "from": "/data/b", "path": "/data/z"}])
expect("JSON patch, chosen by the body", jsoned.data == {"c": "3", "z": "1"}, jsoned.data)
expect("a JSON patch whose test fails", refused(422, core.patch_namespaced_config_map, "p", namespace, [{"op": "test", "path": "/data/c", "value": "no"}]))
containers = [{"name": "a", "image": "one"}, {"name": "b", "image": "two"}]
apps.create_namespaced_deployment(namespace, {"metadata": {"name": "d"}, "spec": {
    "selector": {"matchLabels": {"app": "d"}}, "template": {"metadata": {"labels": {"app": "d"}}, "spec": {"containers": containers}}}})
strategic = apps.patch_namespaced_deployment("d", namespace, {"spec": {"template": {"spec": {"containers": [{"name": "b", "image": "three"}]}}}},
                                             _content_type="application/strategic-merge-patch+json")
images = {c.name: c.image for c in strategic.spec.template.spec.containers}
expect("strategic merge patch merges by name", images == {"a": "one", "b": "three"}, images)
apply = lambda data, manager, **more: core.patch_namespaced_config_map("s", namespace, {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "s"}, "data": data},
                                                                       field_manager=manager, _content_type="application/apply-patch+yaml", **more)
expect("server-side apply makes the object", apply({"k": "1"}, "one").data == {"k": "1"})
expect("and tells of conflicts", "conflict with" in (refused(409, apply, {"k": "2"}, "two") or ""))
expect("unless it is forced", apply({"k": "2"}, "two", force=True).data == {"k": "2"})

# Subresources, selection, pages, errors.
scale = apps.patch_namespaced_deployment_scale("d", namespace, {"spec": {"replicas": 4}})
expect("scale", scale.spec.replicas == 4 and apps.read_namespaced_deployment("d", namespace).spec.replicas == 4)
status = apps.patch_namespaced_deployment_status("d", namespace, {"status": {"replicas": 4, "observedGeneration": 2}})
expect("status", status.status.replicas == 4, status.status)
for i in range(5):
    core.create_namespaced_config_map(namespace, client.V1ConfigMap(metadata=client.V1ObjectMeta(name=f"page-{i}", labels={"page": "yes"})))
names, more = [], None
while True:
    page = core.list_namespaced_config_map(namespace, label_selector="page=yes", limit=2, _continue=more)
    names += [item.metadata.name for item in page.items]
    more = page.metadata._continue
    if not more:
        break
expect("lists in pages", names == [f"page-{i}" for i in range(5)], names)
expect("what is not there", refused(404, core.read_namespaced_config_map, "gone", namespace))
expect("what is there already", refused(409, core.create_namespaced_config_map, namespace, make("p")))
stale = core.read_namespaced_config_map("p", namespace)
core.patch_namespaced_config_map("p", namespace, {"data": {"new": "1"}})
expect("a stale update", refused(409, core.replace_namespaced_config_map, "p", namespace, stale))
core.delete_collection_namespaced_config_map(namespace, label_selector="page=yes")
expect("a collection is deleted", core.list_namespaced_config_map(namespace, label_selector="page=yes").items == [])

# The dynamic client finds kinds by discovery, also those that came a moment ago.
definition = {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": {"name": "toys.python.gatepost.dev"}, "spec": {
    "group": "python.gatepost.dev", "scope": "Namespaced", "names": {"plural": "toys", "singular": "toy", "kind": "Toy", "listKind": "ToyList"},
    "versions": [{"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": {"type": "object", "properties": {
        "spec": {"type": "object", "properties": {"size": {"type": "integer"}}}}}}}]}}
anything = dynamic.DynamicClient(api)
anything.resources.get(api_version="apiextensions.k8s.io/v1", kind="CustomResourceDefinition").create(body=definition)
toys = anything.resources.get(api_version="python.gatepost.dev/v1", kind="Toy")
toys.create(namespace=namespace, body={"apiVersion": "python.gatepost.dev/v1", "kind": "Toy", "metadata": {"name": "t"}, "spec": {"size": 1}})
patched = toys.patch(namespace=namespace, name="t", body={"spec": {"size": 2}}, content_type="application/merge-patch+json")
expect("a custom resource by the dynamic client", patched.spec.size == 2, patched)
applied = toys.server_side_apply(namespace=namespace, name="t", body={"apiVersion": "python.gatepost.dev/v1", "kind": "Toy", "metadata": {"name": "t"}, "spec": {"size": 3}},
                                 field_manager="py", force_conflicts=True)
expect("and applied", applied.spec.size == 3, applied)
custom = client.CustomObjectsApi(api)
expect("and by the client of custom objects", custom.get_namespaced_custom_object("python.gatepost.dev", "v1", namespace, "toys", "t")["spec"] == {"size": 3})
token = core.create_namespaced_service_account(namespace, {"metadata": {"name": "robot"}}) and core.create_namespaced_service_account_token(
    "robot", namespace, client.AuthenticationV1TokenRequest(spec=client.V1TokenRequestSpec(audiences=[], expiration_seconds=600)))
review = client.AuthenticationV1Api(api).create_token_review(client.V1TokenReview(spec=client.V1TokenReviewSpec(token=token.status.token)))
expect("tokens of service accounts", review.status.authenticated and review.status.user.username == f"system:serviceaccount:{namespace}:robot", review.status)
core.delete_namespace(namespace)
sys.exit(1 if failures else 0)
