#include "cli/refuse.h"

#include <iostream>

namespace gatepost::cli {

int Refuse::operator()(int code, const std::string& text) const {
  std::cerr << "gatepost " << command << ": " << text << "\n";
  return code;
}

}  // namespace gatepost::cli
