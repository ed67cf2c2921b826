// Rules of pods: resources and claims, security, containers, annotations.
#include "kube/validation/judged.h"

namespace gatepost::kube {
namespace {

TEST(Pods, Complaints) {
  static constexpr Judged rows[] =
      {
          {"v1", "Pod",
           R"j({"spec":{"containers":[{"name":"c","image":"i"}],"resourceClaims":[{"name":"A_","resourceClaimName":"b"},{"name":"c"},{"name":"c","resourceClaimName":"D_","resourceClaimTemplateName":"e"}]},"metadata":{"name":"x"}})j",
           R"j(spec.resourceClaims[0].name: Invalid value: "A_": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')
spec.resourceClaims[1]: Invalid value: {"Name":"c","ResourceClaimName":null,"ResourceClaimTemplateName":null}: must specify one of: `resourceClaimName`, `resourceClaimTemplateName`
spec.resourceClaims[2].name: Duplicate value: "c"
spec.resourceClaims[2]: Invalid value: {"Name":"c","ResourceClaimName":"D_","ResourceClaimTemplateName":"e"}: at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified
spec.resourceClaims[2].resourceClaimName: Invalid value: "D_": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*'))j"},
          {"v1", "Pod",
           R"j({"spec":{"containers":[{"name":"c","image":"i","resources":{"claims":[{"name":"a"},{"name":"a"},{"name":"z","request":"R_"},{"name":""}]}}],"resourceClaims":[{"name":"a","resourceClaimName":"b"}]},"metadata":{"name":"x"}})j",
           R"j(spec.containers[0].resources.claims[1]: Duplicate value: "a"
spec.containers[0].resources.claims[2].request: Invalid value: "R_": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')
spec.containers[0].resources.claims[2]: Not found: "z": must be one of the names in pod.spec.resourceClaims: a
spec.containers[0].resources.claims[3]: Required value)j"},
          {"v1", "Pod",
           R"j({"spec":{"containers":[{"name":"c","image":"i","resources":{"claims":[{"name":"z"}]}}]},"metadata":{"name":"x"}})j",
           R"j(spec.containers[0].resources.claims[0]: Not found: "z": must be one of the names in pod.spec.resourceClaims which is empty)j"},
          {"v1", "Pod",
           R"j({"spec":{"containers":[{"name":"c","image":"i","resources":{"limits":{"hugepages-2Mi":"3Mi"}}}]},"metadata":{"name":"x"}})j",
           R"j(spec.containers[0].resources.limits[hugepages-2Mi]: Invalid value: "3Mi": 3Mi is not positive integer multiple of hugepages-2Mi
spec.containers[0].resources.requests[hugepages-2Mi]: Invalid value: "3Mi": 3Mi is not positive integer multiple of hugepages-2Mi
spec.containers[0].resources: Forbidden: HugePages require cpu or memory)j"},
          {"v1", "Pod",
           R"j({"spec":{"containers":[{"name":"c","image":"i","resources":{"limits":{"example.com/a":"1500m"}}}]},"metadata":{"name":"x"}})j",
           R"j(spec.containers[0].resources.limits[example.com/a]: Invalid value: "1500m": must be an integer
spec.containers[0].resources.requests[example.com/a]: Invalid value: "1500m": must be an integer)j"},
          {"v1", "Pod",
           R"j({"spec":{"containers":[{"name":"c","image":"i","resources":{"requests":{"requests.example.com/a":"1"}}}]},"metadata":{"name":"x"}})j",
           R"j(spec.containers[0].resources.requests[requests.example.com/a]: Invalid value: "requests.example.com/a": doesn't follow extended resource name standard
spec.containers[0].resources.limits: Required value: Limit must be set for non overcommitable resources)j"},
          {"v1", "Pod",
           R"j({"spec":{"containers":[{"name":"c","image":"i","resources":{"limits":{"kubernetes.io/a":"1500m"}}}]},"metadata":{"name":"x"}})j",
           R"j()j"},
          {"v1", "Pod",
           R"j({"spec":{"containers":[{"name":"c","image":"i"}],"resources":{"limits":{"example.com/a":"1"}}},"metadata":{"name":"x"}})j",
           R"j(spec.resources.limits[example.com/a]: Unsupported value: "example.com/a": supported values: "cpu", "hugepages-", "memory")j"},
          {"v1", "Pod",
           R"j({"spec":{"containers":[{"name":"c","image":"i"}],"resources":{"claims":[{"name":"a"}]},"os":{"name":"windows"}},"metadata":{"name":"x"}})j",
           R"j(spec.resources: Forbidden: may not be set for a windows pod)j"},
          {"v1", "Pod",
           R"j({"spec":{"containers":[{"name":"c","image":"i","resources":{"requests":{"cpu":"1"},"limits":{"cpu":"1"}}}],"resources":{"requests":{"cpu":"100m"},"limits":{"cpu":"200m"}}},"metadata":{"name":"x"}})j",
           R"j(spec.resources.requests[cpu]: Invalid value: "100m": must be greater than or equal to aggregate container requests of 1
spec.resources.containers[0][cpu].limits: Invalid value: "1": must be less than or equal to pod limits of 200m)j"},
          {"v1", "Pod",
           R"j({"spec":{"containers":[{"name":"c","image":"i"}],"overhead":{"cpu":-1}},"metadata":{"name":"x"}})j",
           R"j(spec.overhead.limits[cpu]: Invalid value: "-1": must be greater than or equal to 0)j"},
          {"v1", "Pod",
           R"j({"spec":{"containers":[{"name":"c","image":"i","env":[{"name":"A","valueFrom":{"fileKeyRef":{"volumeName":"v","path":"a/../b","key":"x=y"}}},{"name":"B","valueFrom":{"fileKeyRef":{"volumeName":"","path":"","key":""}}}]}],"volumes":[{"name":"v","hostPath":{"path":"/x"}}]},"metadata":{"name":"x"}})j",
           R"j(spec.containers[0].env[0].valueFrom.fileKeyRef.key: Invalid value: "x=y": a valid environment variable name must consist only of printable ASCII characters other than '='
spec.containers[0].env[0].valueFrom.fileKeyRef.path: Invalid value: "a/../b": must not contain '..'
spec.containers[0].env[1].valueFrom.fileKeyRef.key: Required value
spec.containers[0].env[1].valueFrom.fileKeyRef.volumeName: Required value
spec.containers[0].env[1].valueFrom.fileKeyRef.path: Required value
spec.containers[0].env[0].valueFrom.fileKeyRef.volumeName: Invalid value: "v": referenced volume must be of type emptyDir
spec.containers[0].env[1].valueFrom.fileKeyRef.volumeName: Not found: "")j"},
          {"v1", "Pod",
           R"j({"spec":{"containers":[{"name":"c","image":"i","lifecycle":{"stopSignal":"SIGTERM"}}]},"metadata":{"name":"x"}})j",
           R"j()j"},
          {"v1", "Pod",
           R"j({"spec":{"containers":[{"name":"c","image":"i","lifecycle":{"stopSignal":"SIGINT"}}],"os":{"name":"windows"}},"metadata":{"name":"x"}})j",
           R"j()j"},
          {"v1", "Pod",
           R"j({"spec":{"containers":[{"name":"c","image":"i","lifecycle":{"stopSignal":"SIGODD"}}],"os":{"name":"linux"}},"metadata":{"name":"x"}})j",
           R"j()j"},
          {"v1", "Pod",
           R"j({"spec":{"containers":[{"name":"c","image":"i","restartPolicyRules":[{"action":"Odd","exitCodes":{"operator":"Odd","values":[1]}},{"action":"Restart"}]}]},"metadata":{"name":"x"}})j",
           R"j(spec.containers[0].restartPolicy: Required value: must specify restartPolicy when restart rules are used
spec.containers[0].restartPolicyRules[0].action: Unsupported value: "Odd": supported values: "Restart", "RestartAllContainers"
spec.containers[0].restartPolicyRules[0].exitCodes.operator: Unsupported value: "Odd": supported values: "In", "NotIn"
spec.containers[0].restartPolicyRules[1].exitCodes: Required value: must be specified)j"},
          {"v1", "Pod",
           R"j({"spec":{"containers":[{"name":"c","image":"i","restartPolicy":"Odd"}],"initContainers":[{"name":"i","image":"i","restartPolicyRules":[{"action":"Odd"}]}]},"metadata":{"name":"x"}})j",
           R"j(spec.containers[0].restartPolicy: Unsupported value: "Odd": supported values: "Always", "Never", "OnFailure"
spec.initContainers[0].restartPolicy: Required value: must specify restartPolicy when restart rules are used)j"},
          {"v1", "Pod",
           R"j({"spec":{"containers":[{"name":"c","image":"i"}],"initContainers":[{"name":"i","image":"i","resizePolicy":[{"resourceName":"cpu","restartPolicy":"RestartContainer"}]},{"name":"j","image":"i","ports":[{"containerPort":1,"hostPort":2},{"containerPort":3,"hostPort":2}]}]},"metadata":{"name":"x"}})j",
           R"j(spec.initContainers[0].resizePolicy[0].restartPolicy: Invalid value: "RestartContainer": must not be set to 'RestartContainer' for non-sidecar initContainers
spec.initContainers[0].ports[1].hostPort: Duplicate value: "TCP//2")j"},
          {"v1", "Pod",
           R"j({"spec":{"containers":[{"name":"c","image":"i","volumeMounts":[{"name":"v","mountPath":"/d","recursiveReadOnly":"Enabled"},{"name":"v","mountPath":"/e","recursiveReadOnly":"Odd"},{"name":"v","mountPath":"/f","readOnly":true,"recursiveReadOnly":"IfPossible","mountPropagation":"HostToContainer"}],"volumeDevices":[{"name":"v","devicePath":"/d"}]}],"volumes":[{"name":"v","emptyDir":{}}]},"metadata":{"name":"x"}})j",
           R"j(spec.containers[0].volumeMounts[0].name: Invalid value: "v": must not already exist in volumeDevices
spec.containers[0].volumeMounts[0].mountPath: Invalid value: "/d": must not already exist as a path in volumeDevices
spec.containers[0].volumeMounts.recursiveReadOnly: Forbidden: may only be specified when readOnly is true
spec.containers[0].volumeMounts[1].name: Invalid value: "v": must not already exist in volumeDevices
spec.containers[0].volumeMounts.recursiveReadOnly: Unsupported value: "Odd": supported values: "Disabled", "Enabled", "IfPossible"
spec.containers[0].volumeMounts[2].name: Invalid value: "v": must not already exist in volumeDevices
spec.containers[0].volumeMounts.recursiveReadOnly: Forbidden: may only be specified when mountPropagation is None or not specified
spec.containers[0].volumeDevices[0].name: Invalid value: "v": can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode
spec.containers[0].volumeDevices[0].name: Invalid value: "v": must not already exist in volumeMounts)j"},
          {"v1", "Pod",
           R"j({"spec":{"containers":[{"name":"c","image":"i","securityContext":{"procMount":"Unmasked"},"volumeDevices":[{"name":"v","devicePath":"/x"}]}],"hostUsers":false,"hostPID":true,"hostIPC":true,"volumes":[{"name":"v","persistentVolumeClaim":{"claimName":"z"}}]},"metadata":{"name":"x"}})j",
           R"j(spec.HostPID: Forbidden: when `hostUsers` is false
spec.HostIPC: Forbidden: when `hostUsers` is false
spec.containers[0].volumeDevices: Forbidden: when `hostUsers` is false)j"},
          {"v1", "Pod",
           R"j({"spec":{"containers":[{"name":"c","image":"i","securityContext":{"allowPrivilegeEscalation":false,"privileged":true,"capabilities":{"add":["CAP_SYS_ADMIN"]},"runAsUser":5,"seLinuxOptions":{"level":"a"}}}]},"metadata":{"name":"x"}})j",
           R"j(spec.containers[0].securityContext: Invalid value: {"Capabilities":{"Add":["CAP_SYS_ADMIN"],"Drop":null},"Privileged":true,"SELinuxOptions":{"User":"","Role":"","Type":"","Level":"a"},"WindowsOptions":null,"RunAsUser":5,"RunAsGroup":null,"RunAsNonRoot":null,"ReadOnlyRootFilesystem":null,"AllowPrivilegeEscalation":false,"ProcMount":null,"SeccompProfile":null,"AppArmorProfile":null}: cannot set `allowPrivilegeEscalation` to false and `privileged` to true
spec.containers[0].securityContext: Invalid value: {"Capabilities":{"Add":["CAP_SYS_ADMIN"],"Drop":null},"Privileged":true,"SELinuxOptions":{"User":"","Role":"","Type":"","Level":"a"},"WindowsOptions":null,"RunAsUser":5,"RunAsGroup":null,"RunAsNonRoot":null,"ReadOnlyRootFilesystem":null,"AllowPrivilegeEscalation":false,"ProcMount":null,"SeccompProfile":null,"AppArmorProfile":null}: cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN)j"},
          {"v1", "Pod",
           R"j({"spec":{"containers":[{"name":"c","image":"i"}],"securityContext":{"seccompProfile":{"type":"RuntimeDefault","localhostProfile":"a"},"appArmorProfile":{"type":"Localhost"},"seLinuxChangePolicy":"Odd","sysctls":[{"name":"A_","value":"b"},{"name":"a.b","value":"c"},{"name":"a.b","value":"c"}]}},"metadata":{"name":"x"}})j",
           R"j(spec.securityContext.sysctls[0].name: Invalid value: "A_": must have at most 253 characters and match regex ^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$
spec.securityContext.sysctls[2].name: Duplicate value: "a.b"
spec.securityContext.seccompProfile.localhostProfile: Invalid value: {"Type":"RuntimeDefault","LocalhostProfile":"a"}: can only be set when seccomp type is Localhost
spec.securityContext.appArmorProfile.localhostProfile: Required value: must be set when AppArmor type is Localhost
spec.securityContext.seLinuxChangePolicy: Unsupported value: "Odd": supported values: "Recursive")j"},
          {"v1", "Pod",
           R"j({"spec":{"containers":[{"name":"c","image":"i","securityContext":{"appArmorProfile":{"type":"Localhost","localhostProfile":" a"}}},{"name":"d","image":"i","securityContext":{"appArmorProfile":{"type":"Unconfined","localhostProfile":"a"}}},{"name":"e","image":"i","securityContext":{"appArmorProfile":{"type":"Odd"}}}]},"metadata":{"name":"x"}})j",
           R"j(spec.containers[0].securityContext.appArmorProfile.localhostProfile: Invalid value: " a": must not be padded with whitespace
spec.containers[1].securityContext.appArmorProfile.localhostProfile: Invalid value: "a": can only be set when AppArmor type is Localhost
spec.containers[2].securityContext.appArmorProfile.type: Unsupported value: "Odd": supported values: "Localhost", "RuntimeDefault", "Unconfined")j"},
          {"v1", "Pod",
           R"j({"spec":{"containers":[{"name":"c","image":"i","securityContext":{"windowsOptions":{"hostProcess":false,"runAsUserName":"..."}}},{"name":"d","image":"i"}],"securityContext":{"windowsOptions":{"gmsaCredentialSpecName":"A_","gmsaCredentialSpec":"","runAsUserName":"a:b\\c*d","hostProcess":true}}},"metadata":{"name":"x"}})j",
           R"j(spec.containers[0].securityContext.windowsOptions.runAsUserName: Invalid value: "...": runAsUserName's User cannot contain only periods or spaces
spec.securityContext.windowsOptions.gmsaCredentialSpecName: Invalid value: "A_": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')
spec.securityContext.windowsOptions.gmsaCredentialSpec: Invalid value: "": gmsaCredentialSpec cannot be an empty string
spec.securityContext.windowsOptions.runAsUserName: Invalid value: "a:b\\c*d": runAsUserName's Domain doesn't match the NetBios nor the DNS format
spec.securityContext.windowsOptions.runAsUserName: Invalid value: "a:b\\c*d": runAsUserName's User cannot contain the following characters: "/\:;|=,+*?<>@[]
spec.containers[0].securityContext.windowsOptions.hostProcess: Invalid value: false: pod hostProcess value must be identical if both are specified, was true
spec: Invalid value: "": If pod contains any hostProcess containers then all containers must be HostProcess containers
spec.hostNetwork: Invalid value: false: hostNetwork must be true if pod contains any hostProcess containers)j"},
          {"v1", "Pod",
           R"j({"spec":{"containers":[{"name":"c","image":"i","securityContext":{"windowsOptions":{}}}],"os":{"name":"linux"},"securityContext":{"windowsOptions":{}}},"metadata":{"name":"x"}})j",
           R"j(spec.securityContext.windowsOptions: Forbidden: windows options cannot be set for a linux pod
spec.containers[0].securityContext.windowsOptions: Forbidden: windows options cannot be set for a linux pod)j"},
          {"v1", "Pod",
           R"j({"spec":{"containers":[{"name":"c","image":"i","securityContext":{"privileged":false,"capabilities":{},"readOnlyRootFilesystem":true}}],"os":{"name":"windows"},"hostPID":true,"hostUsers":true,"shareProcessNamespace":false,"securityContext":{"runAsUser":1,"fsGroup":2,"seccompProfile":{"type":"RuntimeDefault"},"sysctls":[{"name":"a","value":"b"}],"supplementalGroups":[1]}},"metadata":{"name":"x"}})j",
           R"j(spec.hostUsers: Forbidden: cannot be set for a windows pod
spec.hostPID: Forbidden: cannot be set for a windows pod
spec.securityContext.seccompProfile: Forbidden: cannot be set for a windows pod
spec.securityContext.fsGroup: Forbidden: cannot be set for a windows pod
spec.securityContext.sysctls: Forbidden: cannot be set for a windows pod
spec.shareProcessNamespace: Forbidden: cannot be set for a windows pod
spec.securityContext.runAsUser: Forbidden: cannot be set for a windows pod
spec.securityContext.supplementalGroups: Forbidden: cannot be set for a windows pod
spec.containers[0].securityContext.capabilities: Forbidden: cannot be set for a windows pod
spec.containers[0].securityContext.readOnlyRootFilesystem: Forbidden: cannot be set for a windows pod
spec.containers[0].securityContext.privileged: Forbidden: cannot be set for a windows pod)j"},
          {"v1", "Pod",
           R"j({"spec":{"containers":[{"name":"c","image":"i"}],"os":{"name":"plan9"}},"metadata":{"name":"x"}})j",
           R"j(spec.os: Unsupported value: "plan9": supported values: "linux", "windows")j"},
          {"v1", "Pod",
           R"j({"spec":{"containers":[{"name":"c","image":"i"}]},"metadata":{"annotations":{"kubernetes.io/config.mirror":"x","controller.kubernetes.io/pod-deletion-cost":"+1","container.apparmor.security.beta.kubernetes.io/z":"odd","container.seccomp.security.alpha.kubernetes.io/c":"odd"},"name":"x"}})j",
           R"j(metadata.annotations[kubernetes.io/config.mirror]: Invalid value: "x": must set spec.nodeName if mirror pod annotation is set
metadata.annotations[controller.kubernetes.io/pod-deletion-cost]: Invalid value: "+1": must be a 32bit integer
metadata.annotations.container.seccomp.security.alpha.kubernetes.io/c: Invalid value: "odd": must be a valid seccomp profile
metadata.annotations[container.apparmor.security.beta.kubernetes.io/z]: Invalid value: "z": container not found
metadata.annotations[container.apparmor.security.beta.kubernetes.io/z]: Invalid value: "odd": invalid AppArmor profile name: "odd")j"},
          {"v1", "Pod",
           R"j({"spec":{"containers":[{"name":"c","image":"i"}],"securityContext":{"seccompProfile":{"type":"RuntimeDefault"},"appArmorProfile":{"type":"Unconfined"}}},"metadata":{"annotations":{"seccomp.security.alpha.kubernetes.io/pod":"unconfined","container.apparmor.security.beta.kubernetes.io/c":"runtime/default"},"name":"x"}})j",
           R"j(spec.securityContext.seccompProfile.type: Forbidden: seccomp type in annotation and field must match)j"},
          {"v1", "Pod",
           R"j({"spec":{"containers":[{"name":"c","image":"i"}],"topologySpreadConstraints":[{"maxSkew":1,"topologyKey":"z","whenUnsatisfiable":"DoNotSchedule","matchLabelKeys":["a","B c"]},{"maxSkew":1,"topologyKey":"y","whenUnsatisfiable":"DoNotSchedule","labelSelector":{"matchLabels":{"a":"b"}},"matchLabelKeys":["B c"]}]},"metadata":{"name":"x"}})j",
           R"j(spec.topologySpreadConstraints[0].matchLabelKeys: Forbidden: must not be specified when labelSelector is not set
spec.topologySpreadConstraints[1].matchLabelKeys[0]: Invalid value: "B c": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]'))j"},
          {"v1", "Pod",
           R"j({"spec":{"containers":[{"name":"c","image":"i"}],"affinity":{"podAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":[{"topologyKey":"z","labelSelector":{"matchLabels":{"a":"b"}},"matchLabelKeys":["x"],"mismatchLabelKeys":["x"]}]}}},"metadata":{"name":"x"}})j",
           R"j(spec.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].matchLabelKeys[0]: Invalid value: "x": exists in both matchLabelKeys and mismatchLabelKeys)j"},
          {"v1", "Pod",
           R"j({"spec":{"containers":[{"name":"c","image":"i"}],"ephemeralContainers":[{"name":"c","image":" i","ports":[{"containerPort":1}],"targetContainerName":"z","lifecycle":{},"resources":{"limits":{"cpu":1}}}]},"metadata":{"name":"x"}})j",
           R"j(spec.ephemeralContainers[0].image: Invalid value: " i": must not have leading or trailing whitespace
spec.ephemeralContainers[0].name: Duplicate value: "c"
spec.ephemeralContainers[0].targetContainerName: Not found: "z"
spec.ephemeralContainers[0].ports: Forbidden: cannot be set for an Ephemeral Container
spec.ephemeralContainers[0].resources: Forbidden: cannot be set for an Ephemeral Container
spec.ephemeralContainers[0].lifecycle: Forbidden: cannot be set for an Ephemeral Container
spec.ephemeralContainers: Forbidden: cannot be set on create)j"},
          {"v1", "Pod",
           R"j({"spec":{"containers":[{"name":"c","image":"i","securityContext":{"appArmorProfile":{"type":"Localhost","localhostProfile":"q"}}}],"securityContext":{"appArmorProfile":{"type":"RuntimeDefault"}}},"metadata":{"annotations":{"container.apparmor.security.beta.kubernetes.io/c":"localhost/p"},"name":"x"}})j",
           R"j(spec.containers[0].securityContext.appArmorProfile.localhostProfile: Forbidden: apparmor profile in annotation and field must match)j"},
      };
  expect_judged(rows);
}

}  // namespace
}  // namespace gatepost::kube
