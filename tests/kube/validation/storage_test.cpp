// Rules of volumes, claims, classes and drivers of storage.
#include "kube/validation/judged.h"

namespace gatepost::kube {
namespace {

TEST(Storage, Volumes) {
  static constexpr Judged rows[] = {
      {"v1", "PersistentVolume",
       R"j({"spec":{"capacity":{"storage":-1},"accessModes":["Odd"],"persistentVolumeReclaimPolicy":"Odd","volumeMode":"Odd","storageClassName":"A_"},"metadata":{"name":"x"}})j",
       R"j(spec.accessModes: Unsupported value: "Odd": supported values: "ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"
spec.capacity[storage]: Invalid value: -1: must be a valid resource quantity
spec.capacity[storage]: Invalid value: "-1": must be greater than zero
spec.persistentVolumeReclaimPolicy: Unsupported value: "Odd": supported values: "Delete", "Recycle", "Retain"
spec: Required value: must specify a volume type
spec.storageClassName: Invalid value: "A_": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')
spec.volumeMode: Unsupported value: "Odd": supported values: "Block", "Filesystem")j"},
      {"v1", "PersistentVolume",
       R"j({"spec":{"capacity":{"storage":"1Gi"},"accessModes":["ReadWriteOnce"],"local":{"path":""}},"metadata":{"name":"x"}})j",
       R"j(spec.local.path: Required value
spec.nodeAffinity: Required value: Local volume requires node affinity)j"},
      {"v1", "PersistentVolume",
       R"j({"spec":{"capacity":{"storage":"1Gi","x":1},"accessModes":["ReadWriteOnce"],"hostPath":{"path":"/"},"persistentVolumeReclaimPolicy":"Recycle","nodeAffinity":{},"volumeAttributesClassName":""},"metadata":{"name":"x"}})j",
       R"j(spec.capacity: Unsupported value: {"storage":"1Gi","x":"1"}: supported values: "storage"
spec.nodeAffinity.required: Required value: must specify required node constraints
spec.persistentVolumeReclaimPolicy: Forbidden: may not be 'recycle' for a hostPath mount of '/'
spec.volumeAttributesClassName: Required value: an empty string is disallowed
spec.csi: Required value: has to be specified when using volumeAttributesClassName)j"},
      {"v1", "PersistentVolume",
       R"j({"spec":{"capacity":{"storage":"1Gi"},"accessModes":["ReadWriteOnce"],"csi":{"driver":"","volumeHandle":"","nodePublishSecretRef":{"name":"A_","namespace":"B.c"}},"nodeAffinity":{"required":{"nodeSelectorTerms":[{"matchExpressions":[{"key":"a","operator":"Odd"}]}]}}},"metadata":{"name":"x"}})j",
       R"j(spec.nodeAffinity.required.nodeSelectorTerms[0].matchExpressions[0].operator: Invalid value: "Odd": not a valid selector operator
spec.csi.driver: Required value
spec.csi.volumeHandle: Required value
spec.csi.nodePublishSecretRef.name: Invalid value: "A_": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')
spec.csi.nodePublishSecretRef.namespace: Invalid value: "B.c": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?'))j"},
      {"v1", "PersistentVolume",
       R"j({"spec":{"capacity":{"storage":"1Gi"},"accessModes":["ReadWriteOnce"],"iscsi":{"targetPortal":"p","iqn":"x","lun":0},"cinder":{"volumeID":"v"}},"metadata":{"name":"x"}})j",
       R"j(spec.iscsi.iqn: Invalid value: "x": must be valid format
spec.cinder: Forbidden: may not specify more than 1 volume type)j"},
      {"v1", "PersistentVolume",
       R"j({"spec":{"capacity":{"storage":"1Gi"},"accessModes":["ReadWriteOnce"],"cinder":{"volumeID":"v","secretRef":{"name":"a"}}},"metadata":{"name":"x"}})j",
       R"j(spec.cinder.secretRef.namespace: Required value)j"},
      {"v1", "PersistentVolume",
       R"j({"spec":{"capacity":{"storage":"1Gi"},"accessModes":["ReadWriteOnce"],"glusterfs":{"endpoints":"e","path":"p","endpointsNamespace":""}},"metadata":{"name":"x"}})j",
       R"j(spec.glusterfs.endpointsNamespace: Invalid value: "": if the endpointnamespace is set, it must be a valid namespace name)j"},
      {"v1", "PersistentVolumeClaim",
       R"j({"spec":{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"1Gi"}},"dataSource":{"apiGroup":"A_","kind":"K","name":"n"},"dataSourceRef":{"kind":"K","name":""}},"metadata":{"name":"x"}})j",
       R"j(spec.dataSource.apiGroup: Invalid value: "A_": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')
spec.dataSourceRef.name: Required value
spec.dataSourceRef: Invalid value: "K": must be 'PersistentVolumeClaim' when referencing the default apiGroup
spec: Invalid value: {}: must match dataSourceRef)j"},
      {"v1", "PersistentVolumeClaim",
       R"j({"spec":{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"1Gi"}},"dataSourceRef":{"kind":"PersistentVolumeClaim","name":""}},"metadata":{"name":"x"}})j",
       R"j(spec.dataSource.name: Required value
spec.dataSourceRef.name: Required value)j"},
      {"v1", "PersistentVolumeClaim",
       R"j({"spec":{"accessModes":[],"resources":{"requests":{"storage":"0"}},"volumeAttributesClassName":"A_"},"metadata":{"name":"x"}})j",
       R"j(spec.accessModes: Required value: at least 1 access mode is required
spec.resources[storage]: Invalid value: "0": must be greater than zero
spec.volumeAttributesClassName: Invalid value: "A_": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*'))j"},
      {"v1", "PersistentVolume",
       R"j({"spec":{"capacity":{"storage":"1Gi","a":1},"accessModes":["ReadWriteOnce"],"nfs":{"server":"s","path":"/p"}},"metadata":{"name":"x"}})j",
       R"j(spec.capacity: Unsupported value: {"a":"1","storage":"1Gi"}: supported values: "storage")j"},
  };
  expect_judged(rows);
}

TEST(Storage, Classes) {
  static constexpr Judged rows[] = {
      {"storage.k8s.io/v1", "StorageClass",
       R"j({"provisioner":"A b","parameters":{"":"x"},"reclaimPolicy":"Recycle","volumeBindingMode":"Odd","allowedTopologies":[{"matchLabelExpressions":[{"key":"a b","values":[]},{"key":"z","values":["x","x"]},{"key":"z","values":["y"]}]}],"metadata":{"name":"x"}})j",
       R"j(provisioner: Invalid value: "a b": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')
parameters: Invalid value: "": field can not be empty.
reclaimPolicy: Unsupported value: "Recycle": supported values: "Delete", "Retain"
volumeBindingMode: Unsupported value: "Odd": supported values: "Immediate", "WaitForFirstConsumer"
allowedTopologies[0].matchLabelExpressions[0].values: Required value
allowedTopologies[0].matchLabelExpressions[0].key: Invalid value: "a b": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')
allowedTopologies[0].matchLabelExpressions[1].values[1]: Duplicate value: "x"
allowedTopologies[0].matchLabelExpressions[2].key: Duplicate value: "z")j"},
      {"storage.k8s.io/v1", "StorageClass", R"j({"provisioner":"","allowedTopologies":[{}],"metadata":{"name":"x"}})j",
       R"j(provisioner: Required value
allowedTopologies[0].matchLabelExpressions: Duplicate value: "")j"},
      {"storage.k8s.io/v1", "CSIDriver",
       R"j({"spec":{"fsGroupPolicy":"Odd","volumeLifecycleModes":["Odd"],"tokenRequests":[{"audience":"a","expirationSeconds":5},{"audience":"a"},{"audience":"b","expirationSeconds":4294967297}],"nodeAllocatableUpdatePeriodSeconds":1},"metadata":{"name":"x"}})j",
       R"j(spec.fsGroupPolicy: Unsupported value: "Odd": supported values: "File", "None", "ReadWriteOnceWithFSType"
spec.tokenRequests[0].expirationSeconds: Invalid value: 5: may not specify a duration less than 10 minutes
spec.tokenRequests[1].audience: Duplicate value: "a"
spec.tokenRequests[2].expirationSeconds: Invalid value: 4294967297: may not specify a duration larger than 2^32 seconds
spec.volumeLifecycleModes: Unsupported value: "Odd": supported values: "Persistent", "Ephemeral"
spec.nodeAllocatableUpdatePeriodSeconds: Invalid value: 1: must be greater than or equal to 10 seconds)j"},
      {"storage.k8s.io/v1", "CSIDriver", R"j({"spec":{"serviceAccountTokenInSecrets":true},"metadata":{"name":"x"}})j",
       R"j(spec.serviceAccountTokenInSecrets: Invalid value: true: serviceAccountTokenInSecrets is set but no tokenRequests are specified)j"},
      {"storage.k8s.io/v1", "CSINode",
       R"j({"spec":{"drivers":[{"name":"","nodeID":""},{"name":"a","nodeID":"b","allocatable":{"count":-1},"topologyKeys":["x","x","a b"]}]},"metadata":{"name":"x"}})j",
       R"j(spec.drivers[0].name: Required value
spec.drivers[0].nodeID: Required value
spec.drivers[1].allocatable.count: Invalid value: -1: must be greater than or equal to 0
spec.drivers[1]: Duplicate value: "x"
spec.drivers[1]: Invalid value: "a b": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]'))j"},
      {"storage.k8s.io/v1", "CSIStorageCapacity",
       R"j({"storageClassName":"A_","capacity":"-1","nodeTopology":{"matchExpressions":[{"key":"a","operator":"Odd"}]},"metadata":{"name":"x"}})j",
       R"j(nodeTopology.matchExpressions[0].operator: Invalid value: "Odd": not a valid selector operator
storageClassName: Invalid value: "A_": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')
capacity: Invalid value: "-1": must be greater than or equal to 0)j"},
      {"storage.k8s.io/v1", "VolumeAttachment",
       R"j({"spec":{"attacher":"A_","nodeName":"","source":{}},"metadata":{"name":"x"}})j",
       R"j(spec.attacher: Invalid value: "A_": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')
spec.source: Required value: must specify exactly one of inlineVolumeSpec and persistentVolumeName
spec.nodeName: Invalid value: "": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*'))j"},
      {"storage.k8s.io/v1", "VolumeAttachment",
       R"j({"spec":{"attacher":"a","nodeName":"n","source":{"persistentVolumeName":""}},"metadata":{"name":"x"}})j",
       R"j(spec.source.persistentVolumeName: Required value: must specify non empty persistentVolumeName
spec.source.persistentVolumeName: Invalid value: "": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*'))j"},
      {"storage.k8s.io/v1", "VolumeAttributesClass", R"j({"driverName":"a b","metadata":{"name":"x"}})j",
       R"j(driverName: Invalid value: "a b": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')
parameters: Required value: must contain at least one key/value pair)j"},
  };
  expect_judged(rows);
}

}  // namespace
}  // namespace gatepost::kube
