// SPDX-License-Identifier: AGPL-3.0-or-later
#include "apps/relayd/data_directory.h"

#include <cstdlib>
#include <string>

#include <catch2/catch_test_macros.hpp>
#include <sys/stat.h>

#include "apps/relayd/sample_keys.h"

namespace {

using namespace cercle;
using namespace cercle::relayd;

namespace fs = std::filesystem;

struct Place {
    Place() {
        std::string name = (fs::temp_directory_path() / "cercle-XXXXXX").string();
        REQUIRE(::mkdtemp(name.data()) != nullptr);
        folder = name;
        REQUIRE(make_data_directory(data()).has_value());
    }

    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;

    ~Place() {
        std::error_code ignored;
        fs::remove_all(folder, ignored);
    }

    [[nodiscard]] fs::path data() const { return folder / "relay"; }

    [[nodiscard]] Code refusal() const {
        const auto opened = open_data_directory(data());
        return opened.has_value() ? Code::unknown : opened.error().code;
    }

    fs::path folder;
};

}  // namespace

TEST_CASE("a data directory that others may read is refused") {
    const Place place;
    REQUIRE(place.refusal() == Code::unknown);
    REQUIRE(::chmod(place.data().c_str(), 0750) == 0);
    REQUIRE(place.refusal() == Code::permissions);
    REQUIRE(::chmod(place.data().c_str(), 0700) == 0);
    REQUIRE(::chmod((place.data() / "relay.key").c_str(), 0644) == 0);
    REQUIRE(place.refusal() == Code::permissions);
    REQUIRE(::chmod((place.data() / "relay.key").c_str(), 0600) == 0);
    REQUIRE(::chmod((place.data() / "relay.db").c_str(), 0604) == 0);
    REQUIRE(place.refusal() == Code::permissions);
}

TEST_CASE("a relay does not serve with a key that stands in a standard") {
    const Place place;
    const std::string sample =
        "-----BEGIN PRIVATE KEY-----\n"
        "MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n"
        "-----END PRIVATE KEY-----\n";
    REQUIRE(store::write_private_file(place.data() / "relay.key", view_of(sample)).has_value());
    REQUIRE(place.refusal() == Code::invalid_key);
    REQUIRE_FALSE(is_sample_key(net::RelayKey{}));
}

TEST_CASE("a store of another incarnation than the relay's key has signed is refused") {
    const Place place;
    REQUIRE(store::write_private_file(place.data() / "incarnation", view_of("what")).has_value());
    REQUIRE(place.refusal() != Code::unknown);
}

TEST_CASE("only a bare directory is taken for a restore") {
    const Place place;
    REQUIRE(lock_bare_directory(place.data()).error().code == Code::already_exists);
    REQUIRE(lock_bare_directory(place.folder / "other").has_value());
    REQUIRE(lock_bare_directory(place.folder / "other").has_value());
    fs::create_directory(place.folder / "foreign");
    REQUIRE(store::make_private_file(place.folder / "foreign" / "diary").has_value());
    REQUIRE_FALSE(lock_bare_directory(place.folder / "foreign").has_value());
}
