// Rules of quotas, nodes, events, flow control, certificates and API services.
#include "kube/validation/judged.h"

namespace gatepost::kube {
namespace {

TEST(Quotas, Complaints) {
  static constexpr Judged rows[] = {
      {"v1", "ResourceQuota",
       R"j({"spec":{"hard":{"services":1},"scopes":["BestEffort","NotBestEffort","Odd"]},"metadata":{"name":"x"}})j",
       R"j(spec.scopes: Invalid value: ["BestEffort","NotBestEffort","Odd"]: unsupported scope applied to resource
spec.scopes: Invalid value: ["BestEffort","NotBestEffort","Odd"]: unsupported scope applied to resource
spec.scopes: Invalid value: ["BestEffort","NotBestEffort","Odd"]: unsupported scope
spec.scopes: Invalid value: ["BestEffort","NotBestEffort","Odd"]: conflicting scopes)j"},
      {"v1", "ResourceQuota",
       R"j({"spec":{"hard":{"cpu":1},"scopeSelector":{"matchExpressions":[{"scopeName":"BestEffort","operator":"In"}]}},"metadata":{"name":"x"}})j",
       R"j(spec.scopeSelector.matchExpressions: Invalid value: {"MatchExpressions":[{"ScopeName":"BestEffort","Operator":"In","Values":null}]}: unsupported scope applied to resource
spec.scopeSelector.matchExpressions.operator: Invalid value: "In": must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity
spec.scopeSelector.matchExpressions.values: Required value: must be at least one value when `operator` is 'In' or 'NotIn' for scope selector)j"},
      {"v1", "ResourceQuota",
       R"j({"spec":{"hard":{"pods":1},"scopeSelector":{"matchExpressions":[{"scopeName":"Odd","operator":"Exists","values":["a"]},{"scopeName":"PriorityClass","operator":"Odd"},{"scopeName":"Terminating","operator":"Exists"},{"scopeName":"NotTerminating","operator":"Exists"}]}},"metadata":{"name":"x"}})j",
       R"j(spec.scopeSelector.matchExpressions.scopeName: Invalid value: "Odd": unsupported scope
spec.scopeSelector.matchExpressions.values: Invalid value: ["a"]: must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector
spec.scopeSelector.matchExpressions.operator: Invalid value: "Odd": not a valid selector operator
spec.scopeSelector.matchExpressions: Invalid value: null: conflicting scopes)j"},
      {"v1", "ResourceQuota", R"j({"spec":{"hard":{"pods":"1500m"}},"metadata":{"name":"x"}})j",
       R"j(spec.hard[pods]: Invalid value: "1500m": must be an integer)j"},
      {"v1", "ResourceQuota", R"j({"spec":{"hard":{"count/x.y":"1500m"}},"metadata":{"name":"x"}})j",
       R"j(spec.hard[count/x.y]: Invalid value: "1500m": must be an integer)j"},
      {"v1", "ResourceQuota", R"j({"spec":{"hard":{"odd":1}},"metadata":{"name":"x"}})j",
       R"j(spec.hard[odd]: Invalid value: "odd": must be a standard resource type or fully qualified
spec.hard[odd]: Invalid value: "odd": must be a standard resource for quota)j"},
      {"v1", "LimitRange",
       R"j({"spec":{"limits":[{"type":"Container","max":{"odd":1}},{"type":"Container","default":{"cpu":2},"defaultRequest":{"cpu":3}}]},"metadata":{"name":"x"}})j",
       R"j(spec.limits[0].max[odd]: Invalid value: "odd": must be a standard resource type or fully qualified
spec.limits[0].max[odd]: Invalid value: "odd": must be a standard resource for containers
spec.limits[0].default[odd]: Invalid value: "odd": must be a standard resource type or fully qualified
spec.limits[0].default[odd]: Invalid value: "odd": must be a standard resource for containers
spec.limits[0].defaultRequest[odd]: Invalid value: "odd": must be a standard resource type or fully qualified
spec.limits[0].defaultRequest[odd]: Invalid value: "odd": must be a standard resource for containers
spec.limits[1].type: Duplicate value: "Container"
spec.limits[1].defaultRequest[cpu]: Invalid value: "3": default request value 3 is greater than default limit value 2)j"},
      {"v1", "LimitRange",
       R"j({"spec":{"limits":[{"type":"Pod","max":{"cpu":2},"min":{"cpu":1},"maxLimitRequestRatio":{"cpu":3},"default":{"cpu":1}}]},"metadata":{"name":"x"}})j",
       R"j(spec.limits[0].default: Forbidden: may not be specified when `type` is 'Pod'
spec.limits[0].maxLimitRequestRatio[cpu]: Invalid value: "3": ratio 3 is greater than max/min = 2.000000)j"},
      {"v1", "LimitRange",
       R"j({"spec":{"limits":[{"type":"Container","maxLimitRequestRatio":{"cpu":"500m"}},{"type":"PersistentVolumeClaim"},{"type":"odd"}]},"metadata":{"name":"x"}})j",
       R"j(spec.limits[0].maxLimitRequestRatio[cpu]: Invalid value: "500m": ratio 500m is less than 1
spec.limits[1].limits: Required value: either minimum or maximum storage value is required, but neither was provided
spec.limits[2].type: Invalid value: "odd": must be a standard limit type or fully qualified)j"},
      {"v1", "LimitRange",
       R"j({"spec":{"limits":[{"type":"Container","default":{"hugepages-2Mi":"2Mi"},"defaultRequest":{"hugepages-2Mi":"4Mi"}}]},"metadata":{"name":"x"}})j",
       R"j(spec.limits[0].defaultRequest[hugepages-2Mi]: Invalid value: "4Mi": default request value 4Mi is greater than default limit value 2Mi
spec.limits[0].defaultRequest[hugepages-2Mi]: Invalid value: "4Mi": default value 2Mi must equal to defaultRequest value 4Mi in hugepages-2Mi)j"},
  };
  expect_judged(rows);
}

TEST(Nodes, Complaints) {
  static constexpr Judged rows[] = {
      {"v1", "Node",
       R"j({"spec":{"taints":[{"key":"a","effect":"NoSchedule"},{"key":"a","value":"v","effect":"NoSchedule"},{"key":"a b","effect":"Odd"}]},"metadata":{"name":"x"}})j",
       R"j(metadata.taints[1]: Duplicate value: {"Key":"a","Value":"v","Effect":"NoSchedule","TimeAdded":null}: taints must be unique by key and effect pair
metadata.taints[2].key: Invalid value: "a b": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')
metadata.taints[2].effect: Unsupported value: "Odd": supported values: "NoSchedule", "PreferNoSchedule", "NoExecute")j"},
      {"v1", "Node",
       R"j({"spec":{"podCIDRs":["10.0.0.0/8","11.0.0.0/8"]},"status":{"capacity":{"cpu":-1,"pods":"1500m"}},"metadata":{"name":"x"}})j",
       R"j(status.capacity.cpu: Invalid value: "-1": must be greater than or equal to 0
status.capacity.pods: Invalid value: "1500m": must be an integer
status.allocatable.cpu: Invalid value: "-1": must be greater than or equal to 0
status.allocatable.pods: Invalid value: "1500m": must be an integer
spec.podCIDRs: Invalid value: ["10.0.0.0/8","11.0.0.0/8"]: may specify no more than one CIDR for each IP family)j"},
      {"v1", "Node", R"j({"spec":{"podCIDR":"10.0.0.0/x"},"metadata":{"name":"x"}})j",
       R"j(spec.podCIDRs[0]: Invalid value: "10.0.0.0/x": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64))j"},
      {"node.k8s.io/v1", "RuntimeClass", R"j({"handler":"","metadata":{"name":"x"}})j", R"j(handler: Required value)j"},
      {"node.k8s.io/v1", "RuntimeClass",
       R"j({"handler":"A_","overhead":{"podFixed":{"odd":1}},"scheduling":{"nodeSelector":{"a":"b c"},"tolerations":[{"operator":"Exists","value":"v"},{"key":"k","effect":"NoExecute","tolerationSeconds":3},{"key":"k","effect":"NoExecute"}]},"metadata":{"name":"x"}})j",
       R"j(handler: Invalid value: "A_": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')
overhead.limits[odd]: Invalid value: "odd": must be a standard resource type or fully qualified
overhead.limits[odd]: Invalid value: "odd": must be a standard resource for containers
scheduling.nodeSelector: Invalid value: "b c": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')
scheduling.tolerations[0].operator: Invalid value: "v": value must be empty when `operator` is 'Exists'
scheduling.tolerations[2]: Duplicate value: {"Key":"k","Operator":"","Value":"","Effect":"NoExecute","TolerationSeconds":null})j"},
  };
  expect_judged(rows);
}

TEST(Events, Complaints) {
  static constexpr Judged rows[] = {
      {"v1", "Event", R"j({"metadata":{"name":"A_B"},"involvedObject":{"namespace":"other"}})j",
       R"j(involvedObject.namespace: Invalid value: "other": does not match event.namespace)j"},
      {"v1", "Event",
       R"j({"involvedObject":{"namespace":"default"},"eventTime":"2020-01-01T00:00:00.000000Z","metadata":{"name":"x"}})j",
       R"j(reportingComponent: Required value
reportingComponent: Invalid value: "": name part must be non-empty
reportingComponent: Invalid value: "": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')
reportingInstance: Required value
action: Required value
reason: Required value)j"},
      {"events.k8s.io/v1", "Event",
       R"j({"metadata":{"name":"A_B"},"regarding":{"namespace":"default"},"type":"Odd","deprecatedCount":1,"deprecatedSource":{"host":"h"},"deprecatedFirstTimestamp":"2020-01-01T00:00:00Z"})j",
       R"j(metadata.name: Invalid value: "A_B": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')
eventTime: Required value
type: Invalid value: "": has invalid value: Odd
firstTimestamp: Invalid value: "": needs to be unset
count: Invalid value: "": needs to be unset
source: Invalid value: "": needs to be unset)j"},
      {"events.k8s.io/v1", "Event",
       R"j({"regarding":{"namespace":"default"},"type":"Normal","eventTime":"2020-01-01T00:00:00.000000Z","reportingController":"a b","reportingInstance":"i","action":"a","reason":"r","series":{"count":1},"metadata":{"name":"x"}})j",
       R"j(reportingController: Invalid value: "a b": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')
series.count: Invalid value: "": should be at least 2
series.lastObservedTime: Required value)j"},
  };
  expect_judged(rows);
}

TEST(FlowControl, Complaints) {
  static constexpr Judged rows[] = {
      {"flowcontrol.apiserver.k8s.io/v1", "FlowSchema",
       R"j({"spec":{"priorityLevelConfiguration":{"name":""},"matchingPrecedence":1,"distinguisherMethod":{"type":"Odd"},"rules":[{},{"subjects":[{"kind":"Odd"},{"kind":"User","group":{"name":"g"}},{"kind":"ServiceAccount","serviceAccount":{"name":"A_","namespace":""}}],"resourceRules":[{"verbs":["odd"],"apiGroups":["*","a"],"resources":[],"namespaces":["A_"]}],"nonResourceRules":[{"verbs":["*","get"],"nonResourceURLs":["a","/a//b","/a*","/a b"]}]}]},"metadata":{"name":"x"}})j",
       R"j(spec.matchingPrecedence: Invalid value: 1: only the schema named 'exempt' may have matchingPrecedence 1
spec.distinguisherMethod.type: Unsupported value: {"Type":"Odd"}: supported values: "ByNamespace", "ByUser"
spec.priorityLevelConfiguration.name: Required value: must reference a priority level
spec.rules[0].subjects: Required value: subjects must contain at least one value
spec.rules[0]: Required value: at least one of resourceRules and nonResourceRules has to be non-empty
spec.rules[1].subjects[0].kind: Unsupported value: "Odd": supported values: "Group", "ServiceAccount", "User"
spec.rules[1].subjects[1].user: Required value: user is required when subject kind is 'User'
spec.rules[1].subjects[1].group: Forbidden: group is forbidden when subject kind is not 'Group'
spec.rules[1].subjects[2].serviceAccount.name: Invalid value: "A_": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')
spec.rules[1].subjects[2].serviceAccount.namespace: Required value: must specify namespace for service account
spec.rules[1].resourceRules[0].verbs: Unsupported value: ["odd"]: supported values: "create", "delete", "deletecollection", "get", "list", "patch", "proxy", "update", "watch"
spec.rules[1].resourceRules[0].apiGroups: Invalid value: ["*","a"]: if '*' is present, must not specify other api groups
spec.rules[1].resourceRules[0].resources: Required value: resource rules must supply at least one resource
spec.rules[1].resourceRules[0].namespaces[0]: Invalid value: "A_": each member of this list must be '*' or a DNS-1123 label; a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')
spec.rules[1].nonResourceRules[0].verbs: Invalid value: ["*","get"]: if '*' is present, must not specify other verbs
spec.rules[1].nonResourceRules[0].nonResourceURLs[0]: Invalid value: "a": must start with slash
spec.rules[1].nonResourceRules[0].nonResourceURLs[1]: Invalid value: "/a//b": must not contain double slash
spec.rules[1].nonResourceRules[0].nonResourceURLs[2]: Invalid value: "/a*": wildcard can only do suffix matching
spec.rules[1].nonResourceRules[0].nonResourceURLs[3]: Invalid value: "/a b": must not contain white-space)j"},
      {"flowcontrol.apiserver.k8s.io/v1", "FlowSchema",
       R"j({"spec":{"priorityLevelConfiguration":{"name":"x"},"matchingPrecedence":10001},"metadata":{"name":"x"}})j",
       R"j(spec.matchingPrecedence: Invalid value: 10001: must not be greater than 10000)j"},
      {"flowcontrol.apiserver.k8s.io/v1", "PriorityLevelConfiguration",
       R"j({"spec":{"type":"Limited","limited":{"nominalConcurrencyShares":-1,"lendablePercent":101,"borrowingLimitPercent":-1,"limitResponse":{"type":"Queue","queuing":{"queues":128,"handSize":20,"queueLengthLimit":-1}}}},"metadata":{"name":"x"}})j",
       R"j(spec.limited.nominalConcurrencyShares: Invalid value: -1: must be a non-negative integer
spec.limited.limitResponse.queuing.queueLengthLimit: Invalid value: -1: must be positive
spec.limited.limitResponse.queuing.handSize: Invalid value: 20: required entropy bits of deckSize 128 and handSize 20 should not be greater than 60
spec.limited.lendablePercent: Invalid value: 101: must be between 0 and 100, inclusive
spec.limited.borrowingLimitPercent: Invalid value: -1: if specified, must be a non-negative integer)j"},
      {"flowcontrol.apiserver.k8s.io/v1", "PriorityLevelConfiguration",
       R"j({"spec":{"type":"Odd"},"metadata":{"name":"x"}})j",
       R"j(spec.type: Unsupported value: "Odd": supported values: "Exempt", "Limited")j"},
      {"flowcontrol.apiserver.k8s.io/v1", "PriorityLevelConfiguration",
       R"j({"spec":{"type":"Exempt","limited":{"limitResponse":{"type":"Reject"}}},"metadata":{"name":"x"}})j",
       R"j(spec.type: Invalid value: "Exempt": must be 'Exempt' if and only if `name` is 'exempt'
spec.limited: Forbidden: must be nil if the type is not Limited)j"},
      {"flowcontrol.apiserver.k8s.io/v1", "PriorityLevelConfiguration",
       R"j({"spec":{"type":"Limited","exempt":{},"limited":{"limitResponse":{"type":"Reject","queuing":{}}}},"metadata":{"name":"x"}})j",
       R"j(spec.exempt: Forbidden: must be nil if the type is Limited
spec.limited.limitResponse.queuing: Forbidden: must be nil if limited.limitResponse.type is not Limited)j"},
  };
  expect_judged(rows);
}

TEST(Certificates, Complaints) {
  static constexpr Judged rows[] = {
      {"certificates.k8s.io/v1", "CertificateSigningRequest",
       R"j({"spec":{"request":"YQ==","signerName":"odd","usages":["odd","odd"],"expirationSeconds":5},"metadata":{"name":"x"}})j",
       R"j(spec.request: Invalid value: "YQ==": PEM block type must be CERTIFICATE REQUEST
spec.usages[0]: Unsupported value: "odd": supported values: "any", "cert sign", "client auth", "code signing", "content commitment", "crl sign", "data encipherment", "decipher only", "digital signature", "email protection", "encipher only", "ipsec end system", "ipsec tunnel", "ipsec user", "key agreement", "key encipherment", "microsoft sgc", "netscape sgc", "ocsp signing", "s/mime", "server auth", "signing", "timestamping"
spec.usages[1]: Unsupported value: "odd": supported values: "any", "cert sign", "client auth", "code signing", "content commitment", "crl sign", "data encipherment", "decipher only", "digital signature", "email protection", "encipher only", "ipsec end system", "ipsec tunnel", "ipsec user", "key agreement", "key encipherment", "microsoft sgc", "netscape sgc", "ocsp signing", "s/mime", "server auth", "signing", "timestamping"
spec.usages[1]: Duplicate value: "odd"
spec.signerName: Invalid value: "odd": must be a fully qualified domain and path of the form 'example.com/signer-name'
spec.expirationSeconds: Invalid value: 5: may not specify a duration less than 600 seconds (10 minutes))j"},
      {"certificates.k8s.io/v1", "CertificateSigningRequest",
       R"j({"spec":{"request":"YQ==","signerName":"kubernetes.io/legacy-unknown"},"metadata":{"name":"x"}})j",
       R"j(spec.request: Invalid value: "YQ==": PEM block type must be CERTIFICATE REQUEST
spec.usages: Required value
spec.signerName: Invalid value: "kubernetes.io/legacy-unknown": the legacy signerName is not allowed via this API version)j"},
      {"apiregistration.k8s.io/v1", "APIService",
       R"j({"metadata":{"name":"v1.z"},"spec":{"group":"A_","version":"V1","groupPriorityMinimum":0,"versionPriority":1001,"caBundle":"YQ==","insecureSkipTLSVerify":true}})j",
       R"j(metadata.name: Invalid value: "v1.z": must be `spec.version+"."+spec.group`: "V1.A_"
spec.group: Invalid value: "A_": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')
spec.version: Invalid value: "V1": a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')
spec.groupPriorityMinimum: Invalid value: 0: must be positive and less than 20000
spec.versionPriority: Invalid value: 1001: must be positive and less than 1000
spec.caBundle: Invalid value: "1 bytes": local APIServices may not have a caBundle
spec.insecureSkipTLSVerify: Invalid value: true: local APIServices may not have insecureSkipTLSVerify)j"},
      {"apiregistration.k8s.io/v1", "APIService",
       R"j({"metadata":{"name":"v1.a"},"spec":{"group":"a","version":"v1","groupPriorityMinimum":1,"versionPriority":1,"insecureSkipTLSVerify":true,"caBundle":"YQ==","service":{"name":"","namespace":"","port":70000}}})j",
       R"j(spec.service.namespace: Required value
spec.service.name: Required value
spec.service.port: Invalid value: 70000: port is not valid: must be between 1 and 65535, inclusive
spec.insecureSkipTLSVerify: Invalid value: true: may not be true if caBundle is present)j"},
      {"certificates.k8s.io/v1", "CertificateSigningRequest",
       R"j({"spec":{"signerName":"a.b/c","usages":["any"]},"metadata":{"name":"x"}})j",
       R"j(spec.request: Invalid value: null: PEM block type must be CERTIFICATE REQUEST)j"},
      {"apiextensions.k8s.io/v1", "CustomResourceDefinition",
       R"j({"metadata":{"name":"xs.y.io"},"spec":{"group":"y.io","scope":"Namespaced","names":{"kind":"X","plural":"xs"},"versions":[{"name":"A_b","served":true,"storage":true,"schema":{"openAPIV3Schema":{"type":"object"}}}]}})j",
       R"j(spec.versions[0].name: Invalid value: "A_b": a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')
spec.version: Invalid value: "A_b": a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?'))j"},
  };
  expect_judged(rows);
}

TEST(ServiceNetworks, Complaints) {
  static constexpr Judged rows[] = {
      {"networking.k8s.io/v1", "ServiceCIDR",
       R"j({"spec":{"cidrs":["10.0.0.1/8","10.0.0.0/8"]},"metadata":{"name":"x"}})j",
       R"j(spec.cidrs[0]: Invalid value: "10.0.0.1/8": must not have bits set beyond the prefix length
spec.cidrs: Invalid value: ["10.0.0.1/8","10.0.0.0/8"]: may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64)j"},
      {"networking.k8s.io/v1", "ServiceCIDR",
       R"j({"spec":{"cidrs":["2001:DB8::/64","a","b"]},"metadata":{"name":"x"}})j",
       R"j(spec.cidrs: Invalid value: {"CIDRs":["2001:DB8::/64","a","b"]}: may only hold up to 2 values)j"},
      {"networking.k8s.io/v1", "ServiceCIDR", R"j({"spec":{"cidrs":["2001:DB8::/64"]},"metadata":{"name":"x"}})j",
       R"j(spec.cidrs[0]: Invalid value: "2001:DB8::/64": must be in canonical form ("2001:db8::/64"))j"},
      {"networking.k8s.io/v1", "IPAddress",
       R"j({"metadata":{"name":"2001:DB8::1"},"spec":{"parentRef":{"group":"A_","resource":"a/b","name":""}}})j",
       R"j(metadata.name: Invalid value: "2001:DB8::1": must be in canonical form ("2001:db8::1")
spec.parentRef.group: Invalid value: "A_": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')
spec.parentRef.resource: Invalid value: "a/b": may not contain '/'
spec.parentRef.name: Required value)j"},
      {"networking.k8s.io/v1", "IPAddress", R"j({"metadata":{"name":"x"},"spec":{}})j",
       R"j(metadata.name: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)
spec.parentRef: Required value)j"},
  };
  expect_judged(rows);
}

}  // namespace
}  // namespace gatepost::kube
