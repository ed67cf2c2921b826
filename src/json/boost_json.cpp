// The one unit that holds Boost.JSON's definitions (it is used header-only).
#include <boost/json/src.hpp>
