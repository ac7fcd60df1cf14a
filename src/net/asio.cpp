// SPDX-License-Identifier: AGPL-3.0-or-later
//
// Asio's own code, compiled once (BOOST_ASIO_SEPARATE_COMPILATION, in CMakeLists.txt).
#include <boost/asio/impl/src.hpp>
