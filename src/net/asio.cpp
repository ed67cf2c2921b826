// The one definition of Boost.Asio's own code (BOOST_ASIO_SEPARATE_COMPILATION is set for every unit).
#include <boost/asio/impl/src.hpp>
