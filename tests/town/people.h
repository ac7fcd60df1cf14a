// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// People: a town's circle is made larger than a test has the time to enrol.

#include <string>

#include <catch2/catch_test_macros.hpp>

#include "officer/pages.h"
#include "officer/register.h"
#include "tests/must.h"
#include "tests/town/town.h"

namespace cercle::town {

/// So many members more, whom nobody has met: certified, and in the officer's own directory.
inline void people_town(Town& town, std::size_t number, const identity::Sections& sections) {
    REQUIRE(town.officer(officer::ListMembers{}).done());
    client::Core& office = *town.core("officer");
    const auto row = must(officer::Register(office.database).authority());
    REQUIRE(row.has_value());
    const identity::Authority& authority = row->authority;
    auto& random = town.random();
    const auto key = crypto::SigningKey::generate(crypto::SignatureAlgorithm::Ed25519, random);
    const WallTime now = office.world.clock.wall();
    auto transaction = must(office.database.begin());
    for (std::size_t i = 0; i < number; ++i) {
        const identity::Passport passport{identity::MemberId::random(random),
                                          identity::DeviceId::random(random),
                                          identity::Role::Member,
                                          key.public_key()};
        identity::EnrolmentRequest request;
        request.inbox = protocol::LogId::random(random);
        request.inbox_secret = Secret(32);
        random.fill(request.inbox_secret.expose());
        identity::DirectoryMember member{
            passport.member, "Member " + std::to_string(i), "minister", {}, sections};
        member.blind.resize(identity::blind_size);
        random.fill(member.blind);
        must(officer::enter_in_directory(transaction,
                                         member,
                                         passport,
                                         must(authority.certify(passport, now, random)),
                                         request,
                                         now));
    }
    must(std::move(transaction).commit());
}

}  // namespace cercle::town
