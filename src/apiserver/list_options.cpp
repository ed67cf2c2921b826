#include "apiserver/list_options.h"

#include <charconv>

namespace gatepost::apiserver {
namespace {

constexpr std::string_view exact = "Exact", not_older = "NotOlderThan";

template <class Number>
bool read_number(std::string_view text, Number& into) {
  auto read = std::from_chars(text.data(), text.data() + text.size(), into);
  return read.ec == std::errc{} && read.ptr == text.data() + text.size();
}

std::string unparsable(std::string_view function, std::string_view text) {
  return "strconv." + std::string(function) + ": parsing \"" + std::string(text) + "\": invalid syntax";
}

kube::ApiResult<std::int64_t> integer(const Query& query, std::string_view name) {
  std::string_view text = query.get(name);
  std::int64_t value = 0;
  if (!text.empty() && !read_number(text, value)) return fail_with(kube::bad_request(unparsable("ParseInt", text)));
  return value;
}

kube::ApiResult<storage::Revision> read_revision(const std::string& text) {
  storage::Revision revision = 0;
  if (text.empty() || read_number(text, revision)) return revision;
  return fail_with(
      kube::plain_error("resourceVersion: Invalid value: \"" + text + "\": " + unparsable("ParseUint", text)));
}

// Absent is nothing; any word but these two means yes.
std::optional<bool> choice(const Query& query, std::string_view name) {
  if (!query.has(name)) return std::nullopt;
  std::string text(query.get(name));
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return text != "false" && text != "0";
}

class Complaints {
 public:
  void forbid(const char* field, std::string why) {
    errors_.push_back({"FieldValueForbidden", field, "Forbidden: " + std::move(why)});
  }
  void unsupported(const std::string& match, const char* supported) {
    errors_.push_back({"FieldValueNotSupported", "resourceVersionMatch",
                       "Unsupported value: \"" + match + "\": supported values: " + supported});
  }
  bool empty() const { return errors_.empty(); }
  kube::Status status() const { return kube::invalid("meta.k8s.io", "ListOptions", "", errors_); }

 private:
  std::vector<kube::FieldError> errors_;
};

void judge_list(Complaints& complaints, const ListOptions& options) {
  constexpr const char* match_field = "resourceVersionMatch";
  if (const std::string& match = options.resource_version_match; !match.empty()) {
    if (options.resource_version.empty())
      complaints.forbid(match_field, "resourceVersionMatch is forbidden unless resourceVersion is provided");
    if (!options.continue_token.empty())
      complaints.forbid(match_field, "resourceVersionMatch is forbidden when continue is provided");
    if (match != exact && match != not_older) complaints.unsupported(match, "\"Exact\", \"NotOlderThan\", \"\"");
    if (match == exact && options.resource_version == "0")
      complaints.forbid(match_field, "resourceVersionMatch \"exact\" is forbidden for resourceVersion \"0\"");
  }
  if (options.send_initial_events) complaints.forbid("sendInitialEvents", "sendInitialEvents is forbidden for list");
}

void judge_watch(Complaints& complaints, const ListOptions& options) {
  constexpr const char* match_field = "resourceVersionMatch";
  const std::string& match = options.resource_version_match;
  if (options.send_initial_events && match != not_older)
    complaints.forbid(match_field, "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan");
  if (match.empty()) return;
  if (!options.send_initial_events)
    complaints.forbid(match_field, "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided");
  if (match != not_older) complaints.unsupported(match, "\"NotOlderThan\"");
  if (!options.continue_token.empty())
    complaints.forbid(match_field, "resourceVersionMatch is forbidden when continue is provided");
}

}  // namespace

kube::ApiResult<ListOptions> read_list_options(const Call& call, Listing what) {
  const Query& query = call.info.query;
  ListOptions options;
  auto limit = integer(query, "limit");
  if (!limit) return fail_with(std::move(limit.error()));
  options.limit = *limit < 0 ? 0 : static_cast<std::size_t>(*limit);
  auto seconds = integer(query, "timeoutSeconds");
  if (!seconds) return fail_with(std::move(seconds.error()));
  options.timeout_seconds = *seconds < 0 ? 0 : static_cast<std::uint64_t>(*seconds);
  options.resource_version = query.get("resourceVersion");
  options.resource_version_match = query.get("resourceVersionMatch");
  options.continue_token = query.get("continue");
  options.bookmarks = choice(query, "allowWatchBookmarks").value_or(false);
  options.send_initial_events = choice(query, "sendInitialEvents");

  // A watch that asks for the present state in the older way is one that gets it in the newer one.
  bool from_start = options.resource_version.empty() || options.resource_version == "0";
  if (what == Listing::watch && from_start && !options.send_initial_events && options.resource_version_match.empty()) {
    options.send_initial_events = true;
    options.resource_version_match = not_older;
  }
  Complaints complaints;
  if (what == Listing::watch)
    judge_watch(complaints, options);
  else
    judge_list(complaints, options);
  if (!complaints.empty()) return fail_with(complaints.status());

  const std::string& version = options.resource_version;
  if (!version.empty() && !read_number(version, options.revision)) {
    std::string why = "resourceVersion: Invalid value: \"" + version + "\": " + unparsable("ParseUint", version);
    return fail_with(what == Listing::watch ? kube::plain_error(why)
                                            : kube::bad_request("invalid resource version: " + why));
  }
  if (!options.continue_token.empty() && !from_start)
    return fail_with(kube::bad_request("specifying resource version is not allowed when using continue"));
  return options;
}

kube::ApiResult<void> check_read_version(const Call& call) {
  auto revision = read_revision(std::string(call.info.query.get("resourceVersion")));
  if (!revision) return fail_with(std::move(revision.error()));
  storage::Revision current = call.deps.store.revision();
  if (*revision > current) return fail_with(too_large_version(*revision, current));
  return {};
}

kube::Status too_large_version(storage::Revision wanted, storage::Revision current) {
  kube::Status status = kube::timeout(
      "Too large resource version: " + std::to_string(wanted) + ", current: " + std::to_string(current), 1);
  status.causes.push_back({"ResourceVersionTooLarge", "Too large resource version", ""});
  return status;
}

}  // namespace gatepost::apiserver
