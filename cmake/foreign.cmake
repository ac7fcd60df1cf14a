# SPDX-License-Identifier: AGPL-3.0-or-later
#
# Every library that is not ours, from the system's packages. Each is linked by one folder only,
# its door (see DOOR in house.cmake); tools/check holds the list of doors.
find_package(OpenSSL 3.5 REQUIRED)               # OpenSSL::Crypto: crypto; OpenSSL::SSL: net
find_package(Threads REQUIRED)                   # Threads::Threads: net and store
find_package(Boost 1.88 REQUIRED CONFIG)         # Boost::headers (Asio, Beast): net
find_package(PkgConfig REQUIRED)
pkg_check_modules(sqlcipher REQUIRED IMPORTED_TARGET sqlcipher)      # PkgConfig::sqlcipher: store
pkg_check_modules(libqrencode REQUIRED IMPORTED_TARGET libqrencode)  # PkgConfig::libqrencode: apps
find_package(ICU 76 REQUIRED COMPONENTS i18n uc)   # ICU::i18n, ICU::uc: identity
find_package(CLI11 REQUIRED CONFIG)              # CLI11::CLI11: apps
find_package(nlohmann_json REQUIRED CONFIG)      # nlohmann_json::nlohmann_json: apps, and tests
find_package(ftxui 5.0 REQUIRED CONFIG)          # ftxui::component, ftxui::screen: apps/cli
pkg_check_modules(utf8proc REQUIRED IMPORTED_TARGET libutf8proc)     # PkgConfig::utf8proc: apps/cli
pkg_check_modules(libseccomp REQUIRED IMPORTED_TARGET libseccomp)    # PkgConfig::libseccomp: apps/relayd
find_package(tomlplusplus REQUIRED CONFIG)       # tomlplusplus::tomlplusplus: apps/relayd

# tinycbor::tinycbor: codec. Debian's tinycbor.pc speaks of /usr/local, where it is not.
find_library(CERCLE_TINYCBOR_LIBRARY tinycbor REQUIRED)
find_path(CERCLE_TINYCBOR_HEADERS tinycbor/cbor.h REQUIRED)
add_library(tinycbor::tinycbor UNKNOWN IMPORTED)
set_target_properties(tinycbor::tinycbor PROPERTIES
  IMPORTED_LOCATION ${CERCLE_TINYCBOR_LIBRARY}
  INTERFACE_INCLUDE_DIRECTORIES ${CERCLE_TINYCBOR_HEADERS})

if(CERCLE_TESTS)
  find_package(Catch2 3 REQUIRED CONFIG)
  find_package(ZLIB REQUIRED)                    # ZLIB::ZLIB: tests/vectors reads .gz
  pkg_check_modules(botan REQUIRED IMPORTED_TARGET botan-3)            # PkgConfig::botan: tests/differential
endif()
if(CERCLE_BENCH)
  find_package(benchmark REQUIRED CONFIG)        # benchmark::benchmark: the benchmarks
endif()
