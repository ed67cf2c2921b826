// Real messages of kube-apiserver 1.36 with the verdict that a reader must give, from tails.tsv.
#pragma once

#include <fstream>
#include <string>
#include <vector>

namespace gatepost::explain {

struct Row {
  std::string name, outcome, cause, webhook, text;
};

inline std::vector<Row> rows() {
  std::ifstream file(TEST_DATA_DIR "/tails.tsv");
  std::vector<Row> out;
  for (std::string line; std::getline(file, line);) {
    std::vector<std::string> cells;
    std::size_t at = 0;
    for (int i = 0; i < 4; ++i) {
      const std::size_t tab = line.find('\t', at);
      cells.push_back(line.substr(at, tab - at));
      at = tab + 1;
    }
    out.push_back({cells[0], cells[1], cells[2], cells[3] == "-" ? "" : cells[3], line.substr(at)});
  }
  return out;
}

}  // namespace gatepost::explain
