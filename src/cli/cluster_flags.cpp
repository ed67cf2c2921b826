#include "cli/cluster_flags.h"

namespace gatepost::cli {

void add_cluster_flags(Flags& flags, gatepost::client::KubeconfigFlags& connection) {
  add_connection_flags(flags, connection);
  flags.text("--cluster", connection.cluster, "cluster of the kubeconfig");
}

void add_connection_flags(Flags& flags, gatepost::client::KubeconfigFlags& connection) {
  flags.text("--kubeconfig", connection.kubeconfig, "path of the kubeconfig; else KUBECONFIG's list, ~/.kube/config");
  flags.text("--context", connection.context, "context of the kubeconfig");
  flags.text("--user", connection.user, "user of the kubeconfig");
  flags.text("-n,--namespace", connection.ns, "namespace");
  flags.text("--as", connection.as, "user to act as");
  flags.list("--as-group", connection.as_groups, "group to act as; may be given often");
  flags.text("--as-uid", connection.as_uid, "uid to act as");
  flags.text("--request-timeout", connection.request_timeout,
             "time that one request may take: 5s, 1m, or 0 for no limit");
}

}  // namespace gatepost::cli
