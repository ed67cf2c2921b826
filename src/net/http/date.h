// The Date field's value, formatted once a second.
#pragma once

#include <ctime>
#include <string>
#include <string_view>

namespace gatepost::net::http {

// "Mon, 02 Jan 2006 15:04:05 GMT"
std::string format_date(std::time_t time);

class DateCache {
 public:
  std::string_view at(std::time_t now) {
    if (now != second_) {
      second_ = now;
      text_ = format_date(now);
    }
    return text_;
  }

 private:
  std::time_t second_ = -1;
  std::string text_;
};

}  // namespace gatepost::net::http
