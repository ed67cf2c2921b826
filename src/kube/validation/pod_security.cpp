#include "kube/validation/pod_security.h"

#include <array>
#include <limits>
#include <optional>
#include <re2/re2.h>
#include <set>

#include "formats/names.h"
#include "kube/validation/pod.h"
#include "kube/validation/structure.h"

namespace gatepost::kube {
namespace {

constexpr std::int64_t largest_id = std::numeric_limits<std::int32_t>::max();
constexpr std::size_t longest_sysctl = 253, longest_profile_path = 4095, longest_domain = 256, longest_user = 104;
constexpr std::size_t most_credential_kib = 64;

bool matches(const re2::RE2& pattern, std::string_view text) {
  return re2::RE2::PartialMatch({text.data(), text.size()}, pattern);
}

void validate_id(Errors& errors, const Field& id) {
  if (id.present() && (id.integer() < 0 || id.integer() > largest_id))
    errors.invalid(id, formats::range_complaint(0, largest_id));
}

constexpr std::array profile_members = {Member{"Type", "type", "\"\""}, Member{"LocalhostProfile", "localhostProfile"}};

void validate_seccomp(Errors& errors, const Field& profile) {
  if (!profile.present()) return;
  Field type = profile["type"], file = profile["localhostProfile"];
  errors.choice(type, {"Localhost", "RuntimeDefault", "Unconfined"}, "type is required when seccompProfile is set");
  if (type.is("Localhost")) {
    if (!file.present())
      errors.required(file, "must be set when seccomp type is Localhost");
    else
      validate_relative_path(errors, file, file.text());
  } else if (file.present()) {
    errors.invalid_shown(file, shown_structure(profile, profile_members),
                         "can only be set when seccomp type is Localhost");
  }
}

// As Go's strings.TrimSpace finds it in ASCII.
bool is_padded(std::string_view text) {
  static constexpr std::string_view space = " \t\n\r\v\f";
  return !text.empty() &&
         (space.find(text.front()) != std::string_view::npos || space.find(text.back()) != std::string_view::npos);
}

void validate_app_armor(Errors& errors, const Field& profile) {
  if (!profile.present()) return;
  Field type = profile["type"], file = profile["localhostProfile"];
  if (type.is("Localhost")) {
    if (file.present() && is_padded(file.text()))
      errors.invalid(file, "must not be padded with whitespace");
    else if (file.text().empty())
      errors.required(file, "must be set when AppArmor type is Localhost");
    if (file.text().size() > longest_profile_path) errors.too_long(file, longest_profile_path);
  } else if (type.is_one_of({"RuntimeDefault", "Unconfined"})) {
    if (file.present()) errors.invalid(file, "can only be set when AppArmor type is Localhost");
  } else {
    errors.choice(type, {"Localhost", "RuntimeDefault", "Unconfined"}, "type is required when appArmorProfile is set");
  }
}

// "DOMAIN\user" or "user".
void validate_windows_user(Errors& errors, const Field& field) {
  static const re2::RE2 control("[[:cntrl:]]+"), net_bios(R"(^[^\\/:\*\?"<>|\.][^\\/:\*\?"<>|]{0,14}$)"),
      dns(R"(^[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*$)"),
      only_dots(R"(^[\. ]+$)"), forbidden(R"(["/\\:;|=,\+\*\?<>@\[\]])");
  std::string_view text = field.text();
  auto complain = [&](const std::string& what) { errors.invalid(field, what); };
  if (text.empty()) return complain("runAsUserName cannot be an empty string");
  if (matches(control, text)) return complain("runAsUserName cannot contain control characters");
  std::size_t slash = text.find('\\');
  bool has_domain = slash != std::string_view::npos;
  std::string_view domain = has_domain ? text.substr(0, slash) : std::string_view{};
  std::string_view user = has_domain ? text.substr(slash + 1) : text;
  if (user.find('\\') != std::string_view::npos)
    return complain("runAsUserName cannot contain more than one backslash");
  if (domain.size() >= longest_domain)
    complain("runAsUserName's Domain length must be under " + std::to_string(longest_domain) + " characters");
  if (has_domain && !matches(net_bios, domain) && !matches(dns, domain))
    complain("runAsUserName's Domain doesn't match the NetBios nor the DNS format");
  if (user.empty())
    complain("runAsUserName's User cannot be empty");
  else if (user.size() > longest_user)
    complain("runAsUserName's User length must not be longer than " + std::to_string(longest_user) + " characters");
  if (matches(only_dots, user)) complain("runAsUserName's User cannot contain only periods or spaces");
  if (matches(forbidden, user))
    complain("runAsUserName's User cannot contain the following characters: \"/\\:;|=,+*?<>@[]");
}

void validate_windows_options(Errors& errors, const Field& options) {
  if (!options.present()) return;
  Field name = options["gmsaCredentialSpecName"], credential = options["gmsaCredentialSpec"],
        user = options["runAsUserName"];
  if (name.present()) errors.invalid_each(name, name.text(), formats::dns1123_subdomain(name.text()));
  if (credential.present() && credential.text().empty())
    errors.invalid(credential, "gmsaCredentialSpec cannot be an empty string");
  else if (credential.text().size() > most_credential_kib * 1024)
    errors.invalid(credential, "gmsaCredentialSpec size must be under " + std::to_string(most_credential_kib) + " KiB");
  if (user.present()) validate_windows_user(errors, user);
}

void validate_sysctls(Errors& errors, const Field& sysctls) {
  static const re2::RE2 form(R"(^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$)");
  std::set<std::string_view> names;
  for_each(sysctls, [&](const Field& sysctl) {
    Field name = sysctl["name"];
    if (name.text().empty())
      errors.required(name);
    else if (name.text().size() > longest_sysctl || !matches(form, name.text()))
      errors.invalid(name, "must have at most " + std::to_string(longest_sysctl) + " characters and match regex " +
                               form.pattern());
    else if (names.contains(name.text()))
      errors.duplicate(name);
    names.insert(name.text());
  });
}

constexpr std::array capability_members = {Member{"Add", "add"}, Member{"Drop", "drop"}};
constexpr std::array selinux_members = {Member{"User", "user", "\"\""}, Member{"Role", "role", "\"\""},
                                        Member{"Type", "type", "\"\""}, Member{"Level", "level", "\"\""}};
constexpr std::array windows_members = {Member{"GMSACredentialSpecName", "gmsaCredentialSpecName"},
                                        Member{"GMSACredentialSpec", "gmsaCredentialSpec"},
                                        Member{"RunAsUserName", "runAsUserName"}, Member{"HostProcess", "hostProcess"}};
constexpr std::array context_members = {Member{"Capabilities", "capabilities", "null", capability_members},
                                        Member{"Privileged", "privileged"},
                                        Member{"SELinuxOptions", "seLinuxOptions", "null", selinux_members},
                                        Member{"WindowsOptions", "windowsOptions", "null", windows_members},
                                        Member{"RunAsUser", "runAsUser"},
                                        Member{"RunAsGroup", "runAsGroup"},
                                        Member{"RunAsNonRoot", "runAsNonRoot"},
                                        Member{"ReadOnlyRootFilesystem", "readOnlyRootFilesystem"},
                                        Member{"AllowPrivilegeEscalation", "allowPrivilegeEscalation"},
                                        Member{"ProcMount", "procMount"},
                                        Member{"SeccompProfile", "seccompProfile", "null", profile_members},
                                        Member{"AppArmorProfile", "appArmorProfile", "null", profile_members}};

void validate_escalation(Errors& errors, const Field& context) {
  if (context["allowPrivilegeEscalation"].truth(true)) return;
  auto complain = [&](const char* with) {
    errors.invalid_shown(context, shown_structure(context, context_members),
                         std::string("cannot set `allowPrivilegeEscalation` to false and ") + with);
  };
  if (context["privileged"].truth()) complain("`privileged` to true");
  Field capabilities = context["capabilities"];
  Field added = capabilities["add"];
  for_each(added, [&](const Field& capability) {
    if (capability.is("CAP_SYS_ADMIN")) complain("`capabilities.Add` CAP_SYS_ADMIN");
  });
}

}  // namespace

void validate_pod_security(Errors& errors, const Field& spec) {
  Field context = spec["securityContext"];
  if (!context.present()) return;
  for (std::string_view name : {"fsGroup", "runAsUser", "runAsGroup"}) validate_id(errors, context[name]);
  Field groups = context["supplementalGroups"], change = context["fsGroupChangePolicy"];
  for_each(groups, [&](const Field& group) { validate_id(errors, group); });
  if (spec["hostPID"].truth() && spec["shareProcessNamespace"].truth())
    errors.invalid_shown(context["shareProcessNamespace"], "true",
                         "ShareProcessNamespace and HostPID cannot both be enabled");
  validate_sysctls(errors, context["sysctls"]);
  if (change.present() && !change.is_one_of({"Always", "OnRootMismatch"}))
    errors.not_supported(change, {"Always", "OnRootMismatch"});
  validate_seccomp(errors, context["seccompProfile"]);
  validate_windows_options(errors, context["windowsOptions"]);
  validate_app_armor(errors, context["appArmorProfile"]);
  Field policy = context["supplementalGroupsPolicy"], selinux = context["seLinuxChangePolicy"];
  if (policy.present() && !policy.is_one_of({"Merge", "Strict"})) errors.not_supported(policy, {"Merge", "Strict"});
  if (selinux.present() && !selinux.is("Recursive")) errors.not_supported(selinux, {"Recursive"});
}

void validate_container_security(Errors& errors, const Field& context, HostUsers users) {
  if (!context.present()) return;
  for (std::string_view name : {"runAsUser", "runAsGroup"}) validate_id(errors, context[name]);
  Field mount = context["procMount"];
  if (mount.present() && !mount.is_one_of({"Default", "Unmasked"}))
    errors.not_supported(mount, {"Default", "Unmasked"});
  else if (mount.is("Unmasked") && users == HostUsers::shared)
    errors.invalid(mount, "`hostUsers` must be false to use `Unmasked`");
  validate_seccomp(errors, context["seccompProfile"]);
  validate_escalation(errors, context);
  validate_windows_options(errors, context["windowsOptions"]);
  validate_app_armor(errors, context["appArmorProfile"]);
}

void validate_host_processes(Errors& errors, const Field& spec) {
  auto of = [](const Field& holder) -> std::optional<bool> {
    Field context = holder["securityContext"];
    Field options = context["windowsOptions"];
    Field process = options["hostProcess"];
    return process.present() ? std::optional(process.truth()) : std::nullopt;
  };
  std::optional<bool> pod = of(spec);
  int count = 0, on_host = 0;
  for_each_container(spec, [&](const Field& container) {
    ++count;
    std::optional<bool> own = of(container);
    if (pod && own && *pod != *own) {
      Field context = container["securityContext"];
      Field options = context["windowsOptions"];
      errors.invalid(options["hostProcess"], std::string("pod hostProcess value must be identical if both are "
                                                         "specified, was ") +
                                                 (*pod ? "true" : "false"));
    }
    on_host += own ? *own : pod.value_or(false);
  });
  if (on_host == 0) return;
  if (on_host != count)
    errors.invalid_text(
        spec, "", "If pod contains any hostProcess containers then all containers must be HostProcess containers");
  if (!spec["hostNetwork"].truth())
    errors.invalid_shown(spec["hostNetwork"], "false",
                         "hostNetwork must be true if pod contains any hostProcess containers");
}

void validate_operating_system(Errors& errors, const Field& spec) {
  Field os = spec["os"], pod_context = spec["securityContext"];
  Field name = os["name"];
  if (!os.present()) return;
  if (name.text().empty()) return errors.required(name);
  if (!name.is_one_of({"linux", "windows"}))
    return errors.not_supported_shown(os, shown(name.text()), {"linux", "windows"});
  const char* why =
      name.is("linux") ? "windows options cannot be set for a linux pod" : "cannot be set for a windows pod";
  auto set = [&](const Field& holder, std::string_view member) {
    if (holder[member].present()) errors.forbidden(holder[member], why);
  };
  if (name.is("linux")) {
    set(pod_context, "windowsOptions");
    for_each_container(spec, [&](const Field& container) {
      Field context = container["securityContext"];
      set(context, "windowsOptions");
    });
    return;
  }
  auto on = [&](std::string_view member) {
    if (spec[member].truth()) errors.forbidden(spec[member], why);
  };
  set(pod_context, "appArmorProfile");
  set(pod_context, "seLinuxOptions");
  set(spec, "hostUsers");
  on("hostPID");
  on("hostIPC");
  for (std::string_view member : {"seccompProfile", "fsGroup", "fsGroupChangePolicy"}) set(pod_context, member);
  if (!pod_context["sysctls"].empty()) errors.forbidden(pod_context["sysctls"], why);
  set(spec, "shareProcessNamespace");
  for (std::string_view member :
       {"runAsUser", "runAsGroup", "supplementalGroups", "supplementalGroupsPolicy", "seLinuxChangePolicy"})
    set(pod_context, member);
  for_each_container(spec, [&](const Field& container) {
    Field context = container["securityContext"];
    for (std::string_view member :
         {"appArmorProfile", "seLinuxOptions", "seccompProfile", "capabilities", "readOnlyRootFilesystem", "privileged",
          "allowPrivilegeEscalation", "procMount", "runAsUser", "runAsGroup"})
      set(context, member);
  });
}

}  // namespace gatepost::kube
