#include "net/http/head_reader.h"

#include <array>
#include <cstring>

#include "net/go_text.h"

namespace gatepost::net::http {
namespace {

constexpr std::array<bool, 256> make_token_table() {
  std::array<bool, 256> table{};
  for (int c = '0'; c <= '9'; ++c) table[c] = true;
  for (int c = 'a'; c <= 'z'; ++c) table[c] = true;
  for (int c = 'A'; c <= 'Z'; ++c) table[c] = true;
  for (char c : std::string_view("!#$%&'*+-.^_`|~")) table[static_cast<unsigned char>(c)] = true;
  return table;
}
constexpr auto kToken = make_token_table();

bool token_byte(char c) {
  return kToken[static_cast<unsigned char>(c)];
}
bool blank(char c) {
  return c == ' ' || c == '\t';
}

// textproto.validHeaderValueByte: everything but controls.
bool value_byte(char c) {
  auto byte = static_cast<unsigned char>(c);
  return byte >= 0x20 ? byte != 0x7f : byte == '\t';
}

}  // namespace

bool is_token(std::string_view word) {
  for (char c : word) {
    if (!token_byte(c)) return false;
  }
  return !word.empty();
}

bool parse_version(std::string_view text, Version& version) {
  if (text.size() != 8 || !text.starts_with("HTTP/") || text[6] != '.') return false;
  auto digit = [](char c) { return c >= '0' && c <= '9'; };
  if (!digit(text[5]) || !digit(text[7])) return false;
  version = {text[5] - '0', text[7] - '0'};
  return true;
}

void HeadReader::reset() {
  stage_ = Stage::first_line;
  at_ = scanned_ = first_line_size_ = 0;
  any_field_ = in_field_ = false;
  fields_.clear();
  error_.clear();
}

HeadReader::State HeadReader::fail(std::string text) {
  error_ = std::move(text);
  stage_ = Stage::over;
  return State::failed;
}

HeadReader::Found HeadReader::find_line(const char* data, std::size_t size, bool ended, std::size_t from, Line& line) {
  std::size_t start = std::max(from, scanned_);
  const void* found = start < size ? std::memchr(data + start, '\n', size - start) : nullptr;
  line.begin = from;
  if (found) {
    line.end = static_cast<std::size_t>(static_cast<const char*>(found) - data);
    line.next = line.end + 1;
    if (line.end > from && data[line.end - 1] == '\r') --line.end;
    return Found::line;
  }
  scanned_ = size;
  if (!ended) return Found::more;
  if (from >= size) return Found::end;
  line.end = line.next = size;
  return Found::line;
}

HeadReader::State HeadReader::read(char* data, std::size_t size, bool ended) {
  if (stage_ == Stage::fields) return read_fields(data, size, ended);
  if (stage_ == Stage::over) return error_.empty() ? State::done : State::failed;
  Line line;
  switch (find_line(data, size, ended, 0, line)) {
    case Found::more:
      return State::more;
    case Found::end:
      return State::cut_short;
    case Found::line:
      break;
  }
  first_line_size_ = line.end;
  at_ = line.next;
  stage_ = Stage::fields;
  return State::first_line;
}

HeadReader::State HeadReader::read_fields(char* data, std::size_t size, bool ended) {
  while (true) {
    if (!in_field_) {
      Line line;
      switch (find_line(data, size, ended, at_, line)) {
        case Found::more:
          return State::more;
        case Found::end:
          return State::cut_short;
        case Found::line:
          break;
      }
      std::string_view text(data + line.begin, line.end - line.begin);
      if (!any_field_ && !text.empty() && blank(text[0])) {
        if (text.size() > 80) return fail("message too large");
        return fail("malformed MIME header initial line: " + go_quote(text));
      }
      if (text.empty()) {
        if (line.next == line.end) return State::cut_short;
        at_ = line.next;
        stage_ = Stage::over;
        return State::done;
      }
      if (text.find(':') == std::string_view::npos) {
        return fail("malformed MIME header: missing colon: " + go_quote(text));
      }
      any_field_ = in_field_ = true;
      field_end_ = line.end;
      while (field_end_ > at_ && blank(data[field_end_ - 1])) --field_end_;
      next_ = scanned_ = line.next;
    }
    if (!join_lines(data, size, ended)) return State::more;
    in_field_ = false;
    if (!add_field(data, at_, field_end_)) return State::failed;
    at_ = scanned_ = next_;
  }
}

// Joins the lines that start with a blank to the field under way, each with one space. False: needs more bytes.
bool HeadReader::join_lines(char* data, std::size_t size, bool ended) {
  while (next_ < size && blank(data[next_])) {
    std::size_t from = next_;
    while (from < size && blank(data[from])) ++from;
    if (from == size && !ended) return false;
    Line line;
    Found found = find_line(data, size, ended, from, line);
    if (found == Found::more) return false;
    data[field_end_++] = ' ';
    next_ = size;
    if (found == Found::line) {
      std::size_t end = line.end;
      while (end > from && blank(data[end - 1])) --end;
      std::memmove(data + field_end_, data + from, end - from);
      field_end_ += end - from;
      next_ = scanned_ = line.next;
    }
  }
  return next_ < size || ended;
}

bool HeadReader::add_field(const char* data, std::size_t begin, std::size_t end) {
  while (begin < end && blank(data[begin])) ++begin;
  std::string_view text(data + begin, end - begin);
  auto malformed = [&] {
    fail("malformed MIME header line: " + go_quote(text));
    return false;
  };
  std::size_t colon = text.find(':');
  if (colon == std::string_view::npos || colon == 0) return malformed();
  for (char c : text.substr(0, colon)) {
    if (!token_byte(c) && c != ' ') return malformed();
  }
  std::string_view value = text.substr(colon + 1);
  for (char c : value) {
    if (!value_byte(c)) return malformed();
  }
  while (!value.empty() && blank(value.front())) value.remove_prefix(1);
  Headers::Span span;
  span.name = static_cast<std::uint32_t>(begin);
  span.name_size = static_cast<std::uint32_t>(colon);
  span.value = static_cast<std::uint32_t>(value.data() - data);
  span.value_size = static_cast<std::uint32_t>(value.size());
  fields_.push_back(span);
  return true;
}

namespace {

struct Length {
  bool present = false;
  std::size_t value = 0;
};

std::string_view trim(std::string_view text) {
  auto space = [](char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; };
  while (!text.empty() && space(text.front())) text.remove_prefix(1);
  while (!text.empty() && space(text.back())) text.remove_suffix(1);
  return text;
}

// "[\"1\" \"2\"]", as Go prints a slice of strings with %q.
std::string quote_list(const Headers& headers, std::string_view name) {
  std::string out = "[";
  for (auto [key, value] : headers) {
    if (!equal_fold(key, name)) continue;
    if (out.size() > 1) out += ' ';
    out += go_quote(value);
  }
  return out + "]";
}

Result<Length, FramingError> content_length(const Headers& headers) {
  Length out;
  std::string_view first;
  for (auto [key, value] : headers) {
    if (key.size() != 14 || !equal_fold(key, "Content-Length")) continue;
    value = trim(value);
    if (!out.present) {
      first = value;
      out.present = true;
    } else if (value != first) {
      return fail_with(FramingError{"http: message cannot contain multiple Content-Length headers; got " +
                                    quote_list(headers, "Content-Length")});
    }
  }
  if (!out.present) return out;
  if (first.empty()) return fail_with(FramingError{"invalid empty Content-Length \"\""});
  constexpr std::size_t kMost = 0x7fffffffffffffff;
  for (char c : first) {
    std::size_t digit = static_cast<std::size_t>(c - '0');
    if (c < '0' || c > '9' || out.value > (kMost - digit) / 10) {
      return fail_with(FramingError{"bad Content-Length " + go_quote(first)});
    }
    out.value = out.value * 10 + digit;
  }
  return out;
}

Result<bool, FramingError> is_chunked(const Headers& headers, Version version) {
  std::string_view coding;
  int count = 0;
  for (auto [key, value] : headers) {
    if (key.size() == 17 && equal_fold(key, "Transfer-Encoding")) {
      coding = value;
      ++count;
    }
  }
  if (count == 0 || version.major < 1 || (version.major == 1 && version.minor == 0)) return false;
  if (count > 1) {
    return fail_with(FramingError{"too many transfer encodings: " + quote_list(headers, "Transfer-Encoding"), true});
  }
  if (!equal_fold(coding, "chunked")) {
    return fail_with(FramingError{"unsupported transfer encoding: " + go_quote(coding), true});
  }
  return true;
}

// The canonical form of the few names Go refuses as trailers.
Result<void, FramingError> check_trailer(const Headers& headers) {
  for (std::string_view name : {"Transfer-Encoding", "Trailer", "Content-Length"}) {
    if (headers.has_token("Trailer", name)) return fail_with(FramingError{"bad trailer key " + go_quote(name)});
  }
  return {};
}

}  // namespace

Result<Framing, FramingError> read_framing(const Headers& headers, Version version, int status,
                                           std::string_view request_method) {
  bool response = status != 0;
  Framing out;
  bool connection_close = headers.has_token("Connection", "close");
  if (version.major < 1) {
    out.close = true;
  } else if (version.major == 1 && version.minor == 0) {
    out.close = connection_close || !headers.has_token("Connection", "keep-alive");
  } else {
    out.close = connection_close;
  }
  auto chunked = is_chunked(headers, version);
  if (!chunked) return fail_with(std::move(chunked).error());
  auto length = content_length(headers);
  if (!length) return fail_with(std::move(length).error());
  if (*chunked && headers.has("Trailer")) {
    if (auto ok = check_trailer(headers); !ok) return fail_with(std::move(ok).error());
  }
  bool body_allowed = !response || (status / 100 != 1 && status != 204 && status != 304);
  if (response && (request_method == "HEAD" || !body_allowed)) return out;
  if (*chunked) {
    out.kind = Framing::Kind::chunked;
  } else if (length->present) {
    out.kind = length->value == 0 ? Framing::Kind::none : Framing::Kind::length;
    out.length = length->value;
  } else if (response) {
    out.kind = Framing::Kind::until_close;
    out.close = true;
  }
  return out;
}

}  // namespace gatepost::net::http
