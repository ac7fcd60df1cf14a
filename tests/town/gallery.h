// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Gallery: pictures in a town: files for its officer, and what its members' phones have of them.

#include <fstream>
#include <map>
#include <string>

#include <catch2/catch_test_macros.hpp>

#include "crypto/hash.h"
#include "tests/must.h"
#include "tests/scratch.h"
#include "tests/stage/faces.h"
#include "tests/town/town.h"

namespace cercle::town {

class Gallery {
  public:
    explicit Gallery(Town& town)
        : town_(town) {}

    /// A file on the officer's own disk, as its path.
    Bytes file(const std::string& name, BytesView content) {
        const auto path = place_ / name.c_str();
        std::ofstream out(path, std::ios::binary);
        out << to_text(content);
        return to_bytes(std::string_view(path.native()));
    }

    Played set(const std::string& member, BytesView picture) {
        return town_.officer(officer::SetPicture{member, file("face", picture)});
    }

    Played remove(const std::string& member) {
        return town_.officer(officer::SetPicture{member, {}});
    }

    /// By name, the hashes of the pictures among a home's contacts, once it has looked.
    std::map<std::string, std::string> shown(const std::string& home) {
        REQUIRE(town_.play(home, client::Sync{0}).done());
        std::map<std::string, std::string> pictures;
        for (const auto& event : town_.play(home, client::ListContacts{}).events) {
            const auto* contact = std::get_if<client::Contact>(&event);
            if (contact != nullptr && !contact->picture.empty())
                pictures[contact->name] = contact->picture;
        }
        return pictures;
    }

    /// How many there are in a home's vault, whoever is in them.
    std::int64_t kept(const std::string& home) {
        const auto row =
            must(town_.core(home)->database.one<std::int64_t>("SELECT count(*) FROM pictures"));
        return std::get<0>(*row);
    }

    [[nodiscard]] const std::filesystem::path& place() const { return place_.path(); }

  private:
    Town& town_;
    Scratch place_;
};

inline std::string hash_of(BytesView picture) {
    return to_hex(crypto::sha256(picture));
}

}  // namespace cercle::town
