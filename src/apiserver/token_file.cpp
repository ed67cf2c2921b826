#include "apiserver/token_file.h"

#include <utility>

namespace gatepost::apiserver {
namespace {

// Reads one record at a time; quoted fields may hold commas, line ends and doubled quotes.
class Csv {
 public:
  explicit Csv(std::string_view text) : rest_(text) {}

  // False at the end. Empty lines are skipped.
  Result<bool> next(std::vector<std::string>& fields) {
    while (!rest_.empty() && (rest_.front() == '\n' || rest_.starts_with("\r\n"))) skip_line_end();
    if (rest_.empty()) return false;
    fields.clear();
    record_line_ = line_;
    do {
      auto field = read_field();
      if (!field) return fail_with(std::move(field).error());
      fields.push_back(std::move(*field));
    } while (take(','));
    skip_line_end();
    return true;
  }
  int line() const { return record_line_; }

 private:
  bool take(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  bool at_line_end() const {
    return rest_.empty() || rest_.front() == '\n' || rest_.starts_with("\r\n") || rest_ == "\r";
  }
  void skip_line_end() {
    take('\r');
    if (take('\n')) ++line_;
  }

  Result<std::string> read_field() {
    std::string field;
    if (!take('"')) {
      while (!at_line_end() && rest_.front() != ',') {
        if (rest_.front() == '"') return error("bare \" in a field without quotes");
        field.push_back(rest_.front());
        rest_.remove_prefix(1);
      }
      return field;
    }
    for (;;) {
      if (rest_.empty()) return error("a quoted field does not end");
      if (take('"')) {
        if (take('"')) {
          field.push_back('"');
          continue;
        }
        if (!at_line_end() && rest_.front() != ',') return error("text behind a quoted field");
        return field;
      }
      if (rest_.front() == '\n') ++line_;
      field.push_back(rest_.front());
      rest_.remove_prefix(1);
    }
  }

  Failure<Error> error(const char* why) const { return fail("line " + std::to_string(line_) + ": " + why); }

  std::string_view rest_;
  int line_ = 1, record_line_ = 1;
};

std::vector<std::string> split(std::string_view list) {
  std::vector<std::string> out;
  for (;;) {
    const std::size_t comma = list.find(',');
    if (comma > 0 && !list.empty()) out.emplace_back(list.substr(0, comma));
    if (comma == list.npos) return out;
    list.remove_prefix(comma + 1);
  }
}

}  // namespace

Result<void> add_tokens(std::string_view text, Tokens& tokens) {
  Csv csv(text);
  std::vector<std::string> fields;
  for (;;) {
    const auto more = csv.next(fields);
    if (!more) return fail_with(more.error());
    if (!*more) return {};
    if (fields.size() < 3) {
      return fail("line " + std::to_string(csv.line()) +
                  ": must have at least 3 columns (token, user name, user uid), found " +
                  std::to_string(fields.size()));
    }
    if (fields[0].empty()) continue;  // kube-apiserver only warns
    admission::UserInfo user;
    user.name = fields[1];
    user.uid = fields[2];
    if (fields.size() >= 4) user.groups = split(fields[3]);
    tokens.insert_or_assign(std::move(fields[0]), std::move(user));
  }
}

}  // namespace gatepost::apiserver
