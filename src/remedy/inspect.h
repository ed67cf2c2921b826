// `gatepost certs inspect`: what certificates are in a file, a Secret, a caBundle, or served. Subjects, names, dates
// and fingerprints; never a key.
#pragma once

#include <string>
#include <vector>

#include "base/time.h"
#include "client/rest.h"
#include "x509/certificate.h"

namespace gatepost::remedy {

struct Inspected {
  std::string source;  // "secret/sys/hook-tls tls.crt", "10.0.0.7:9443"
  enum class Role { serving, authority } role = Role::authority;
  std::vector<x509::CertificatePtr> certificates;  // of a serving one the leaf first
  std::string authority_pem;                       // the CA that stands beside it, to judge the chain by
  std::vector<std::string> problems;               // one line each, by judge()
};

enum class SourceKind { file, address, cluster };
// "secret/..." and "<kind>webhookconfiguration/..." are in the cluster; HOST:PORT where no file is called so.
SourceKind kind_of_source(const std::string& source);

Result<std::vector<Inspected>> inspect_file(std::string path);
net::Task<Result<std::vector<Inspected>>> inspect_address(std::string address, std::string name);
net::Task<Result<std::vector<Inspected>>> inspect_object(client::Rest* rest, std::string source);

// Finds what is wrong: dates, names, an authority that did not sign.
void judge(Inspected& one, const std::string& name, WallTime now);

std::string inspected_text(const Inspected& one);
json::Value inspected_json(const std::vector<Inspected>& all);

}  // namespace gatepost::remedy
