// Every source of a volume, each with what can be wrong with it.
#include "kube/validation/judged.h"

namespace gatepost::kube {
namespace {

TEST(Volumes, Sources) {
  static constexpr Judged
      rows[] =
          {
              {"v1", "Pod",
               R"j({"spec":{"containers":[{"name":"c","image":"i"}],"volumes":[{"name":"v","gcePersistentDisk":{"pdName":"","partition":256}}]},"metadata":{"name":"x"}})j",
               R"j(spec.volumes[0].persistentDisk.pdName: Required value
spec.volumes[0].persistentDisk.partition: Invalid value: 256: must be between 1 and 255, inclusive)j"},
              {"v1", "Pod",
               R"j({"spec":{"containers":[{"name":"c","image":"i"}],"volumes":[{"name":"v","awsElasticBlockStore":{"volumeID":"","partition":-1}}]},"metadata":{"name":"x"}})j",
               R"j(spec.volumes[0].awsElasticBlockStore.volumeID: Required value
spec.volumes[0].awsElasticBlockStore.partition: Invalid value: -1: must be between 1 and 255, inclusive)j"},
              {"v1", "Pod",
               R"j({"spec":{"containers":[{"name":"c","image":"i"}],"volumes":[{"name":"v","gitRepo":{"repository":"","directory":"/a/../b"}}]},"metadata":{"name":"x"}})j",
               R"j(spec.volumes[0].gitRepo.repository: Required value
spec.volumes[0].gitRepo.directory: Invalid value: "/a/../b": must be a relative path
spec.volumes[0].gitRepo.directory: Invalid value: "/a/../b": must not contain '..')j"},
              {"v1", "Pod",
               R"j({"spec":{"containers":[{"name":"c","image":"i"}],"volumes":[{"name":"v","iscsi":{"targetPortal":"","iqn":"x","lun":256,"chapAuthSession":true,"initiatorName":"iqn.bad"}}]},"metadata":{"name":"x"}})j",
               R"j(spec.volumes[0].iscsi.targetPortal: Required value
spec.volumes[0].iscsi.iqn: Invalid value: "x": must be valid format starting with iqn, eui, or naa
spec.volumes[0].iscsi.lun: Invalid value: 256: must be between 0 and 255, inclusive
spec.volumes[0].iscsi.secretRef: Required value
spec.volumes[0].iscsi.initiatorname: Invalid value: "iqn.bad": must be valid format)j"},
              {"v1", "Pod",
               R"j({"spec":{"containers":[{"name":"c","image":"i"}],"volumes":[{"name":"v","iscsi":{"targetPortal":"p","iqn":"iqn.2000-01.a:b","lun":1}}]},"metadata":{"name":"x"}})j",
               R"j()j"},
              {"v1", "Pod",
               R"j({"spec":{"containers":[{"name":"c","image":"i"}],"volumes":[{"name":"v","iscsi":{"targetPortal":"pppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppp","iqn":"eui.0123456789abcdef","lun":1,"initiatorName":"naa.0"}}]},"metadata":{"name":"x"}})j",
               R"j(spec.volumes[0].iscsi.initiatorname: Invalid value: "naa.0": must be valid format
spec.volumes[0].name: Invalid value: "v": Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters if iscsi.initiatorName is specified.)j"},
              {"v1", "Pod",
               R"j({"spec":{"containers":[{"name":"c","image":"i"}],"volumes":[{"name":"v","glusterfs":{"endpoints":"","path":""}}]},"metadata":{"name":"x"}})j",
               R"j(spec.volumes[0].glusterfs.endpoints: Required value
spec.volumes[0].glusterfs.path: Required value)j"},
              {"v1", "Pod",
               R"j({"spec":{"containers":[{"name":"c","image":"i"}],"volumes":[{"name":"v","flocker":{}}]},"metadata":{"name":"x"}})j",
               R"j(spec.volumes[0].flocker: Required value: one of datasetName and datasetUUID is required)j"},
              {"v1", "Pod",
               R"j({"spec":{"containers":[{"name":"c","image":"i"}],"volumes":[{"name":"v","flocker":{"datasetName":"a/b","datasetUUID":"c"}}]},"metadata":{"name":"x"}})j",
               R"j(spec.volumes[0].flocker: Invalid value: "resource": datasetName and datasetUUID can not be specified simultaneously
spec.volumes[0].flocker.datasetName: Invalid value: "a/b": must not contain '/')j"},
              {"v1", "Pod",
               R"j({"spec":{"containers":[{"name":"c","image":"i"}],"volumes":[{"name":"v","rbd":{"monitors":[],"image":""}}]},"metadata":{"name":"x"}})j",
               R"j(spec.volumes[0].rbd.monitors: Required value
spec.volumes[0].rbd.image: Required value)j"},
              {"v1", "Pod",
               R"j({"spec":{"containers":[{"name":"c","image":"i"}],"volumes":[{"name":"v","cinder":{"volumeID":"","secretRef":{"name":""}}}]},"metadata":{"name":"x"}})j",
               R"j(spec.volumes[0].cinder.volumeID: Required value
spec.volumes[0].cinder.secretRef.name: Required value)j"},
              {"v1", "Pod",
               R"j({"spec":{"containers":[{"name":"c","image":"i"}],"volumes":[{"name":"v","emptyDir":{},"cephfs":{"monitors":[]},"downwardAPI":{}}]},"metadata":{"name":"x"}})j",
               R"j(spec.volumes[0].cephFS: Forbidden: may not specify more than 1 volume type
spec.volumes[0].downwarAPI: Forbidden: may not specify more than 1 volume type)j"},
              {"v1", "Pod",
               R"j({"spec":{"containers":[{"name":"c","image":"i"}],"volumes":[{"name":"v","cephfs":{"monitors":[]}}]},"metadata":{"name":"x"}})j",
               R"j(spec.volumes[0].cephfs.monitors: Required value)j"},
              {"v1", "Pod",
               R"j({"spec":{"containers":[{"name":"c","image":"i"}],"volumes":[{"name":"v","quobyte":{"registry":"a,b:1","volume":""}}]},"metadata":{"name":"x"}})j",
               R"j(spec.volumes[0].quobyte.registry: Invalid value: "a,b:1": must be a host:port pair or multiple pairs separated by commas
spec.volumes[0].quobyte.volume: Required value)j"},
              {"v1", "Pod",
               R"j({"spec":{"containers":[{"name":"c","image":"i"}],"volumes":[{"name":"v","fc":{}}]},"metadata":{"name":"x"}})j",
               R"j(spec.volumes[0].fc.targetWWNs: Required value: must specify either targetWWNs or wwids, but not both)j"},
              {"v1", "Pod",
               R"j({"spec":{"containers":[{"name":"c","image":"i"}],"volumes":[{"name":"v","fc":{"targetWWNs":["a"],"wwids":["b"]}}]},"metadata":{"name":"x"}})j",
               R"j(spec.volumes[0].fc.targetWWNs: Invalid value: ["a"]: targetWWNs and wwids can not be specified simultaneously
spec.volumes[0].fc.lun: Required value: lun is required if targetWWNs is specified)j"},
              {"v1", "Pod",
               R"j({"spec":{"containers":[{"name":"c","image":"i"}],"volumes":[{"name":"v","flexVolume":{"driver":"","options":{"a.K8s.io/x":"y"}}}]},"metadata":{"name":"x"}})j",
               R"j(spec.volumes[0].flexVolume.driver: Required value
spec.volumes[0].flexVolume.options[a.K8s.io/x]: Invalid value: "a.K8s.io/x": kubernetes.io and k8s.io namespaces are reserved)j"},
              {"v1", "Pod",
               R"j({"spec":{"containers":[{"name":"c","image":"i"}],"volumes":[{"name":"v","azureFile":{"secretName":"","shareName":""}}]},"metadata":{"name":"x"}})j",
               R"j(spec.volumes[0].azureFile.secretName: Required value
spec.volumes[0].azureFile.shareName: Required value)j"},
              {"v1", "Pod",
               R"j({"spec":{"containers":[{"name":"c","image":"i"}],"volumes":[{"name":"v","azureDisk":{"diskName":"","diskURI":"x","cachingMode":"Odd","kind":"Managed"}}]},"metadata":{"name":"x"}})j",
               R"j(spec.volumes[0].azureDisk.diskName: Required value
spec.volumes[0].azureDisk.cachingMode: Unsupported value: "Odd": supported values: "None", "ReadOnly", "ReadWrite"
spec.volumes[0].azureDisk.diskURI: Unsupported value: "x": supported values: "/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}")j"},
              {"v1", "Pod",
               R"j({"spec":{"containers":[{"name":"c","image":"i"}],"volumes":[{"name":"v","azureDisk":{"diskName":"d","diskURI":"x","kind":"Odd"}}]},"metadata":{"name":"x"}})j",
               R"j(spec.volumes[0].azureDisk.kind: Unsupported value: "Odd": supported values: "Dedicated", "Managed", "Shared"
spec.volumes[0].azureDisk.diskURI: Unsupported value: "x": supported values: "https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd")j"},
              {"v1", "Pod",
               R"j({"spec":{"containers":[{"name":"c","image":"i"}],"volumes":[{"name":"v","vsphereVolume":{"volumePath":""}},{"name":"w","photonPersistentDisk":{"pdID":""}},{"name":"x","portworxVolume":{"volumeID":""}}]},"metadata":{"name":"x"}})j",
               R"j(spec.volumes[0].vsphereVolume.volumePath: Required value
spec.volumes[1].photonPersistentDisk.pdID: Required value
spec.volumes[2].portworxVolume.volumeID: Required value)j"},
              {"v1", "Pod",
               R"j({"spec":{"containers":[{"name":"c","image":"i"}],"volumes":[{"name":"v","scaleIO":{"gateway":"","system":"","secretRef":{"name":"s"}}}]},"metadata":{"name":"x"}})j",
               R"j(spec.volumes[0].scaleIO.gateway: Required value
spec.volumes[0].scaleIO.system: Required value
spec.volumes[0].scaleIO.volumeName: Required value)j"},
              {"v1", "Pod",
               R"j({"spec":{"containers":[{"name":"c","image":"i"}],"volumes":[{"name":"v","storageos":{"volumeName":"A_b","volumeNamespace":"C","secretRef":{"name":""}}}]},"metadata":{"name":"x"}})j",
               R"j(spec.volumes[0].storageos.volumeName: Invalid value: "A_b": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')
spec.volumes[0].storageos.volumeNamespace: Invalid value: "C": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')
spec.volumes[0].storageos.secretRef.name: Required value)j"},
              {"v1", "Pod",
               R"j({"spec":{"containers":[{"name":"c","image":"i"}],"volumes":[{"name":"v","csi":{"driver":"d","nodePublishSecretRef":{"name":"A_b"}}}]},"metadata":{"name":"x"}})j", R"j(spec.volumes[0].csi.name: Invalid value: "A_b": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*'))j"},
              {"v1", "Pod",
               R"j({"spec":{"containers":[{"name":"c","image":"i"}],"volumes":[{"name":"v","ephemeral":{"volumeClaimTemplate":{"metadata":{"name":"n","finalizers":["a.b/c"]},"spec":{"resources":{"requests":{"storage":"0"}}}}}}]},"metadata":{"name":"x"}})j",
               R"j(spec.volumes[0].ephemeral.volumeClaimTemplate.metadata.name: Forbidden: cannot be set
spec.volumes[0].ephemeral.volumeClaimTemplate.metadata.finalizers: Forbidden: cannot be set
spec.volumes[0].ephemeral.volumeClaimTemplate.spec.accessModes: Required value: at least 1 access mode is required
spec.volumes[0].ephemeral.volumeClaimTemplate.spec.resources[storage]: Invalid value: "0": must be greater than zero)j"},
              {"v1", "Pod",
               R"j({"spec":{"containers":[{"name":"c","image":"i"}],"volumes":[{"name":"v","ephemeral":{}}]},"metadata":{"name":"x"}})j",
               R"j(spec.volumes[0].ephemeral.volumeClaimTemplate: Required value)j"},
              {"v1", "Pod",
               R"j({"spec":{"containers":[{"name":"c","image":"i"}],"volumes":[{"name":"v","image":{"pullPolicy":"Odd"}}]},"metadata":{"name":"x"}})j",
               R"j(spec.volumes[0].image.reference: Required value
spec.volumes[0].image.pullPolicy: Unsupported value: "Odd": supported values: "Always", "IfNotPresent", "Never")j"},
              {"v1", "Pod",
               R"j({"spec":{"containers":[{"name":"c","image":"i"}],"volumes":[{"name":"v","hostPath":{"path":"/a/..","type":"Odd"}},{"name":"w","hostPath":{"path":""}}]},"metadata":{"name":"x"}})j",
               R"j(spec.volumes[0].hostPath.path: Invalid value: "/a/..": must not contain '..'
spec.volumes[0].hostPath.type: Unsupported value: "Odd": supported values: "", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket"
spec.volumes[1].hostPath.path: Required value)j"},
              {"v1", "Pod",
               R"j({"spec":{"containers":[{"name":"c","image":"i"}],"volumes":[{"name":"v","downwardAPI":{"defaultMode":512,"items":[{"path":"..a","mode":512,"fieldRef":{"fieldPath":"metadata.labels['a b']"}},{"path":""}]}}]},"metadata":{"name":"x"}})j",
               R"j(spec.volumes[0].downwardAPI.defaultMode: Invalid value: 512: must be a number between 0 and 0777 (octal), both inclusive
spec.volumes[0].downwardAPI.path: Invalid value: "..a": must not start with '..'
spec.volumes[0].downwardAPI.fieldRef: Invalid value: "a b": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')
spec.volumes[0].downwardAPI.mode: Invalid value: 512: must be a number between 0 and 0777 (octal), both inclusive
spec.volumes[0].downwardAPI.path: Required value
spec.volumes[0].downwardAPI: Required value: one of fieldRef and resourceFieldRef is required)j"},
              {"v1", "Pod",
               R"j({"spec":{"containers":[{"name":"c","image":"i"}],"volumes":[{"name":"v","downwardAPI":{"items":[{"path":"a","resourceFieldRef":{"containerName":"c","resource":"limits.cpu","divisor":"3"}},{"path":"b","resourceFieldRef":{"containerName":"c","resource":"requests.hugepages-2Mi","divisor":"3"}}]}}]},"metadata":{"name":"x"}})j",
               R"j(spec.volumes[0].downwardAPI.resourceFieldRef.divisor: Invalid value: "limits.cpu": only divisor's values 1m and 1 are supported with the cpu resource
spec.volumes[0].downwardAPI.resourceFieldRef.divisor: Invalid value: "requests.hugepages-2Mi": only divisor's values 1, 1k, 1M, 1G, 1T, 1P, 1E, 1Ki, 1Mi, 1Gi, 1Ti, 1Pi, 1Ei are supported with the hugepages resource)j"},
              {"v1", "Pod",
               R"j({"spec":{"containers":[{"name":"c","image":"i"}],"volumes":[{"name":"v","projected":{"sources":[{"serviceAccountToken":{"path":"t"}}]}}]},"metadata":{"name":"x"}})j",
               R"j(spec.volumes[0].projected.sources[0].serviceAccountToken: Forbidden: must not be specified when serviceAccountName is not set)j"},
              {"v1", "Pod",
               R"j({"spec":{"containers":[{"name":"c","image":"i"}],"serviceAccountName":"s","volumes":[{"name":"v","projected":{"sources":[{"serviceAccountToken":{"path":"../t","expirationSeconds":5},"secret":{"name":"","items":[{"key":"k","path":"p"}]}},{"configMap":{"name":"m","items":[{"key":"k","path":"p"}]}},{"serviceAccountToken":{"path":"","expirationSeconds":4294967297}}]}}]},"metadata":{"name":"x"}})j",
               R"j(spec.volumes[0].projected.sources[0].secret.name: Required value
spec.volumes[0].projected.sources[0].serviceAccountToken.expirationSeconds: Invalid value: 5: may not specify a duration less than 10 minutes
spec.volumes[0].projected.path: Invalid value: "../t": must not contain '..'
spec.volumes[0].projected.sources[0]: Forbidden: may not specify more than 1 volume type per source
spec.volumes[0].projected: Invalid value: "m": conflicting duplicate paths
spec.volumes[0].projected.sources[2].serviceAccountToken.expirationSeconds: Invalid value: 4294967297: may not specify a duration larger than 2^32 seconds
spec.volumes[0].projected.path: Required value)j"},
              {"v1", "Pod",
               R"j({"spec":{"containers":[{"name":"c","image":"i"}],"volumes":[{"name":"v","projected":{"sources":[{"clusterTrustBundle":{"name":"a","signerName":"b.c/d","path":"p"}},{"clusterTrustBundle":{"path":"p"}},{"clusterTrustBundle":{"name":"a.b:c:D_","path":"q","labelSelector":{}}},{"clusterTrustBundle":{"signerName":"x","path":"/r"}}]}}]},"metadata":{"name":"x"}})j",
               R"j()j"},
              {"v1", "Pod",
               R"j({"spec":{"containers":[{"name":"c","image":"i"}],"volumes":[{"name":"v","projected":{"sources":[{"podCertificate":{"signerName":"a/b/c","keyType":"Odd","maxExpirationSeconds":5}},{"podCertificate":{"signerName":"kubernetes.io/x","keyType":"ED25519","maxExpirationSeconds":90000,"keyPath":"p","certificateChainPath":"p","userAnnotations":{"a":"b"}}}]}}]},"metadata":{"name":"x"}})j",
               R"j()j"},
              {"v1",
               "Pod", R"j({"spec":{"containers":[{"name":"c","image":"i"}],"volumes":[{"name":"V_","ephemeral":{"volumeClaimTemplate":{"spec":{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"1Gi"}}}}}},{"name":"w","persistentVolumeClaim":{"claimName":"a.very.long-V_"}}]},"metadata":{"name":"a.very.long"}})j",
               R"j(spec.volumes[0].name: Invalid value: "V_": PVC name "a.very.long-V_": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')
spec.volumes[0].name: Invalid value: "V_": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')
spec.volumes[1].persistentVolumeClaim.claimName: Invalid value: "a.very.long-V_": must not reference a PVC that gets created for an ephemeral volume)j"},
              {"apps/v1", "Deployment",
               R"j({"spec":{"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i"}],"volumes":[{"name":"v","image":{}},{"name":"w","projected":{"sources":[{"serviceAccountToken":{"path":"t"}}]}}]}}},"metadata":{"name":"x"}})j",
               R"j()j"},
          };
  expect_judged(rows);
}

}  // namespace
}  // namespace gatepost::kube
