// What is said of new objects that are taken all the same, as kube-apiserver 1.36.3 was seen to say it.
#include "kube/validation/judged.h"

namespace gatepost::kube {
namespace {

TEST(Warnings, OfKinds) {
  static constexpr Judged rows[] = {
      {"v1", "Service",
       R"j({"metadata":{"name":"a","annotations":{"service.kubernetes.io/topology-aware-hints":"auto"}},"spec":{"externalIPs":["2001:DB8::1"],"externalName":"x.y","trafficDistribution":"PreferClose","ports":[{"port":1}]}})j",
       R"j(annotation service.kubernetes.io/topology-aware-hints is deprecated, please use service.kubernetes.io/topology-mode instead
spec.externalIPs[0]: IPv6 address "2001:DB8::1" should be in RFC 5952 canonical format ("2001:db8::1")
spec.externalIPs is deprecated and may no longer be implemented in some clusters
spec.externalName is ignored when spec.type is not "ExternalName"
spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone")j"},
      {"v1", "Service",
       R"j({"metadata":{"name":"a"},"spec":{"clusterIP":"None","sessionAffinity":"ClientIP","externalIPs":["1.2.3.4"],"ports":[{"port":1}]}})j",
       R"j(spec.externalIPs is ignored for headless services
spec.SessionAffinity is ignored for headless services)j"},
      {"v1", "Service",
       R"j({"metadata":{"name":"a"},"spec":{"type":"ExternalName","externalName":"x.y","externalIPs":["1.2.3.4"]}})j",
       R"j(spec.externalIPs is ignored when spec.type is "ExternalName")j"},
      {"v1", "Service",
       R"j({"metadata":{"name":"a"},"spec":{"type":"LoadBalancer","loadBalancerSourceRanges":["2001:DB8::/64"],"ports":[{"port":1}]}})j",
       R"j(spec.loadBalancerSourceRanges[0]: IPv6 CIDR value "2001:DB8::/64" should be in RFC 5952 canonical format ("2001:db8::/64"))j"},
      {"v1", "Secret", R"j({"metadata":{"name":"a"},"type":"kubernetes.io/tls","data":{"tls.crt":"","tls.key":""}})j",
       R"j(tls: failed to find any PEM data in certificate input)j"},
      {"v1", "PersistentVolume",
       R"j({"metadata":{"name":"a","annotations":{"volume.beta.kubernetes.io/storage-class":"s","volume.beta.kubernetes.io/mount-options":"o"}},"spec":{"capacity":{"storage":"1Gi"},"accessModes":["ReadWriteOnce"],"persistentVolumeReclaimPolicy":"Recycle","nodeAffinity":{"required":{"nodeSelectorTerms":[{"matchExpressions":[{"key":"beta.kubernetes.io/os","operator":"Exists"}]}]}},"rbd":{"monitors":["m"],"image":"i"}}})j",
       R"j(metadata.annotations[volume.beta.kubernetes.io/storage-class]: deprecated since v1.8; use "storageClassName" attribute instead
metadata.annotations[volume.beta.kubernetes.io/mount-options]: deprecated since v1.31; use "mountOptions" attribute instead
spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated. Instead, the recommended approach is to use dynamic provisioning.
spec.nodeAffinity.required.nodeSelectorTerms[0].matchExpressions[0].key: beta.kubernetes.io/os is deprecated since v1.14; use "kubernetes.io/os" instead
spec.rbd: deprecated in v1.28, non-functional in v1.31+)j"},
      {"v1", "PersistentVolumeClaim",
       R"j({"metadata":{"name":"a","annotations":{"volume.beta.kubernetes.io/storage-class":"s"}},"spec":{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"1500m"}}}})j",
       R"j(metadata.annotations[volume.beta.kubernetes.io/storage-class]: deprecated since v1.8; use "storageClassName" attribute instead
spec.resources.requests[storage]: fractional byte value "1500m" is invalid, must be an integer)j"},
      {"storage.k8s.io/v1", "StorageClass",
       R"j({"metadata":{"name":"a"},"provisioner":"p","allowedTopologies":[{"matchLabelExpressions":[{"key":"failure-domain.beta.kubernetes.io/zone","values":["a"]}]}]})j",
       R"j(allowedTopologies[0].matchLabelExpressions[0].key: deprecated since v1.17; use "topology.kubernetes.io/zone" instead)j"},
      {"storage.k8s.io/v1", "CSIDriver", R"j({"metadata":{"name":"a"},"spec":{"tokenRequests":[{"audience":"a"}]}})j",
       R"j(spec.serviceAccountTokenInSecrets is unset; if supported by this CSI driver, set to true to prevent possible logging of tokens in volume attributes)j"},
      {"node.k8s.io/v1", "RuntimeClass",
       R"j({"metadata":{"name":"a"},"handler":"h","scheduling":{"nodeSelector":{"beta.kubernetes.io/arch":"a"}}})j",
       R"j(scheduling.nodeSelector: deprecated since v1.14; use "kubernetes.io/arch" instead)j"},
      {"v1", "Node", R"j({"metadata":{"name":"a"},"spec":{"externalID":"x","podCIDR":"2001:DB8::/64"}})j",
       R"j(spec.externalID: this field is deprecated, and is unused by Kubernetes
spec.podCIDRs[0]: IPv6 CIDR value "2001:DB8::/64" should be in RFC 5952 canonical format ("2001:db8::/64"))j"},
      {"v1", "Pod",
       R"j({"metadata":{"name":"a"},"spec":{"containers":[{"name":"c","image":"i"}],"volumes":[{"name":"v","projected":{"sources":[{}]}}]}})j",
       R"j(volume "v" (Projected) has no sources provided)j"},
  };
  for (const Judged& row : rows) EXPECT_EQ(warnings_of(row), row.complaints) << row.kind << " " << row.object;
}

}  // namespace
}  // namespace gatepost::kube
