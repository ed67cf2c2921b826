// Rules of the kinds that make pods.
#include "kube/validation/judged.h"

namespace gatepost::kube {
namespace {

TEST(Workloads, Complaints) {
  static constexpr Judged rows[] =
      {
          {"apps/v1", "Deployment",
           R"j({"spec":{"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"},"annotations":{"container.seccomp.security.alpha.kubernetes.io/c":"odd"}},"spec":{"containers":[{"name":"c","image":"i","resources":{"claims":[{"name":"d"}]}}],"resourceClaims":[{"name":"c"}]}}},"metadata":{"name":"x"}})j",
           R"j(spec.template.annotations.container.seccomp.security.alpha.kubernetes.io/c: Invalid value: "odd": must be a valid seccomp profile
spec.template.spec.resourceClaims[0]: Invalid value: {"Name":"c","ResourceClaimName":null,"ResourceClaimTemplateName":null}: must specify one of: `resourceClaimName`, `resourceClaimTemplateName`
spec.template.spec.containers[0].resources.claims[0]: Not found: "d": must be one of the names in pod.spec.resourceClaims: c)j"},
          {"apps/v1", "Deployment",
           R"j({"spec":{"selector":{"matchLabels":{"a":"b"},"matchExpressions":[{"key":"a","operator":"Odd"}]},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i"}]}}},"metadata":{"name":"x"}})j",
           R"j(spec.selector.matchExpressions[0].operator: Invalid value: "Odd": not a valid selector operator
spec.selector: Invalid value: {"matchLabels":{"a":"b"},"matchExpressions":[{"key":"a","operator":"Odd"}]}: invalid label selector)j"},
          {"apps/v1", "DaemonSet",
           R"j({"spec":{"selector":{"matchLabels":{"a":"b"},"matchExpressions":[{"key":"a","operator":"Odd"}]},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i"}]}},"updateStrategy":{"rollingUpdate":{"maxUnavailable":"100m"}}},"metadata":{"name":"x"}})j",
           R"j(spec.selector.matchExpressions[0].operator: Invalid value: "Odd": not a valid selector operator
spec.updateStrategy.rollingUpdate.maxUnavailable: Invalid value: "100m": a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')
spec.updateStrategy.rollingUpdate.maxUnavailable: Required value: cannot be 0 when maxSurge is 0)j"},
          {"apps/v1", "StatefulSet",
           R"j({"spec":{"selector":{"matchLabels":{"a":"b"},"matchExpressions":[{"key":"a","operator":"Odd"}]},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i"}]}},"updateStrategy":{"type":"OnDelete","rollingUpdate":{"partition":1}}},"metadata":{"name":"x"}})j",
           R"j(spec.updateStrategy.rollingUpdate: Invalid value: {"Partition":1,"MaxUnavailable":null}: only allowed for updateStrategy 'RollingUpdate'
spec.selector.matchExpressions[0].operator: Invalid value: "Odd": not a valid selector operator
spec.selector: Invalid value: {"matchLabels":{"a":"b"},"matchExpressions":[{"key":"a","operator":"Odd"}]})j"},
          {"apps/v1", "ReplicaSet",
           R"j({"spec":{"selector":{},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i"}]}}},"metadata":{"name":"x"}})j",
           R"j(spec.selector: Invalid value: {}: empty selector is invalid for deployment)j"},
          {"apps/v1", "ControllerRevision", R"j({"revision":-1,"data":"x","metadata":{"name":"x"}})j",
           R"j(revision: Invalid value: -1: must be greater than or equal to 0
data: Required value: data must be a valid JSON object)j"},
          {"apps/v1", "ControllerRevision", R"j({"revision":1,"metadata":{"name":"x"}})j",
           R"j(data: Required value: data is mandatory)j"},
          {"batch/v1", "Job",
           R"j({"spec":{"template":{"spec":{"restartPolicy":"Never","containers":[{"name":"c","image":"i"}]}},"completionMode":"Indexed","completions":3,"backoffLimitPerIndex":1,"managedBy":"x","podFailurePolicy":{"rules":[{"action":"Ignore","onExitCodes":{"operator":"In","containerName":"z","values":[3,0,3]}},{"action":"Count","onExitCodes":{"operator":"NotIn","values":[]}}]},"successPolicy":{"rules":[{},{"succeededIndexes":"1-0,2"},{"succeededIndexes":"0,1-2","succeededCount":4},{"succeededIndexes":"x"},{"succeededIndexes":"7"}]}},"metadata":{"name":"x"}})j",
           R"j(spec.managedBy: Invalid value: "x": must be a domain-prefixed path (such as "acme.io/foo")
spec.podFailurePolicy.rules[0].onExitCodes.containerName: Invalid value: "z": must be one of the container or initContainer names in the pod template
spec.podFailurePolicy.rules[0].onExitCodes.values[1]: Invalid value: 0: must not be 0 for the In operator
spec.podFailurePolicy.rules[0].onExitCodes.values[2]: Duplicate value: 3
spec.podFailurePolicy.rules[0].onExitCodes.values: Invalid value: [3,0,3]: must be ordered
spec.podFailurePolicy.rules[1].onExitCodes.values: Invalid value: []: at least one value is required
spec.successPolicy.rules[0]: Required value: at least one of succeededCount or succeededIndexes must be specified
spec.successPolicy.rules[1].succeededIndexes: Invalid value: "1-0,2": error parsing succeededIndexes: non-increasing order, previous: 1, current: 0
spec.successPolicy.rules[2].succeededCount: Invalid value: 4: must be less than or equal to 3 (the number of specified completions)
spec.successPolicy.rules[2].succeededCount: Invalid value: 4: must be less than or equal to 3 (the number of indexes in the specified succeededIndexes field)
spec.successPolicy.rules[3].succeededIndexes: Invalid value: "x": error parsing succeededIndexes: cannot convert string to integer for index: "x"
spec.successPolicy.rules[4].succeededIndexes: Invalid value: "7": error parsing succeededIndexes: too large index: "7")j"},
          {"batch/v1", "Job",
           R"j({"spec":{"template":{"spec":{"restartPolicy":"Never","containers":[{"name":"c","image":"i"}]}},"successPolicy":{"rules":[{"succeededCount":1}]},"managedBy":"A_b/c d"},"metadata":{"name":"x"}})j",
           R"j(spec.managedBy: Invalid value: "A_b": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')
spec.managedBy: Invalid value: "c d": Invalid path (regex used for validation is '[A-Za-z0-9/\-._~%!$&'()*+,;=:]+')
spec.successPolicy: Invalid value: {"Rules":[{"SucceededIndexes":null,"SucceededCount":1}]}: requires indexed completion mode)j"},
          {"batch/v1", "Job",
           R"j({"spec":{"template":{"spec":{"restartPolicy":"Never","containers":[{"name":"c","image":"i"}]}},"manualSelector":true},"metadata":{"name":"x"}})j",
           R"j(spec.selector: Required value
spec.template.metadata.labels: Invalid value: null: `selector` does not match template `labels`)j"},
          {"batch/v1", "Job",
           R"j({"spec":{"template":{"spec":{"restartPolicy":"Never","containers":[{"name":"c","image":"i"}]}},"completionMode":"Indexed","completions":100001,"parallelism":20000,"backoffLimitPerIndex":1},"metadata":{"name":"x"}})j",
           R"j(spec.maxFailedIndexes: Required value: must be specified when completions is above 100000
spec.parallelism: Invalid value: 20000: must be less than or equal to 10000 when completions are above 100000 and used with backoff limit per index)j"},
          {"policy/v1", "PodDisruptionBudget",
           R"j({"metadata":{"name":"a%b"},"spec":{"minAvailable":1,"maxUnavailable":1}})j",
           R"j(spec: Invalid value: {"MinAvailable":1,"Selector":null,"MaxUnavailable":1,"UnhealthyPodEvictionPolicy":null}: minAvailable and maxUnavailable cannot be both set)j"},
          {"policy/v1", "PodDisruptionBudget", R"j({"metadata":{"name":"a%b"}})j",
           R"j(metadata.name: Invalid value: "a%b": may not contain '%')j"},
          {"apps/v1", "ReplicaSet",
           R"j({"spec":{"selector":{"matchLabels":{"a":"b/c"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i"}]}}},"metadata":{"name":"x"}})j",
           R"j(spec.selector.matchLabels: Invalid value: "b/c": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')
spec.selector: Invalid value: {"matchLabels":{"a":"b/c"}}: invalid label selector)j"},
          {"apps/v1", "ReplicaSet",
           R"j({"spec":{"selector":{"matchLabels":{"a":"b","z":"1"}},"template":{"metadata":{"labels":{"a":"b","z":"2"}},"spec":{"containers":[{"name":"c","image":"i"}]}}},"metadata":{"name":"x"}})j",
           R"j(spec.template.metadata.labels: Invalid value: {"a":"b","z":"2"}: `selector` does not match template `labels`)j"},
          {"apps/v1", "StatefulSet",
           R"j({"spec":{"selector":{"matchLabels":{"a":"b/c"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i"}]}}},"metadata":{"name":"x"}})j",
           R"j(spec.selector.matchLabels: Invalid value: "b/c": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')
spec.selector: Invalid value: {"matchLabels":{"a":"b/c"}})j"},
      };
  expect_judged(rows);
}

}  // namespace
}  // namespace gatepost::kube
