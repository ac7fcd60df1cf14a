// SPDX-License-Identifier: AGPL-3.0-or-later
#include "bench/circle/floors.h"

#include <algorithm>
#include <ctime>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

#include "base/check.h"
#include "crypto/random.h"
#include "mls/group.h"
#include "net/tls_network.h"

namespace cercle::bench {
namespace {

using Now = std::chrono::steady_clock;

constexpr std::size_t rounds = 40;

Seconds median(std::vector<Seconds> values) {
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::ranges::nth_element(values, middle);
    return *middle;
}

/// What this thread has computed so far.
Seconds computed() {
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return Seconds(static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9);
}

template <class T>
T must(Result<T> result, const char* what) {
    CHECK(result.has_value(), "a floor cannot be measured");
    static_cast<void>(what);
    if constexpr (!std::is_void_v<T>) return *std::move(result);
}

/// Both ends of one connection after the other.
struct Ends {
    net::Loop loop{net::Loop::Kind::Real};
    net::TlsNetwork network{loop};
    crypto::SystemRandom random;
    net::ServerIdentity identity = net::ServerIdentity::generate(random);
    std::unique_ptr<net::Listener> listener =
        must(network.listen(must(net::Address::parse("127.0.0.1:0"), "address"), identity),
             "a listener");
    std::unique_ptr<net::Channel> caller;
    std::unique_ptr<net::Channel> called;

    [[nodiscard]] net::Deadline soon() const { return loop.in(std::chrono::seconds(30)); }
};

net::Task<void> connect(Ends& ends) {
    CO_TRY(ends.caller,
           co_await ends.network.dial(ends.listener->address(), ends.identity.key(), ends.soon()));
    CO_TRY(ends.called, co_await ends.listener->accept());
    co_return Result<void>();
}

net::Task<void> exchange(Ends& ends, std::size_t bytes) {
    CO_TRY_VOID(co_await ends.caller->send(Bytes(bytes), ends.soon()));
    CO_TRY(auto frame, co_await ends.called->receive(ends.soon()));
    CO_TRY_VOID(co_await ends.called->send(std::move(frame), ends.soon()));
    CO_TRY_VOID(co_await ends.caller->receive(ends.soon()));
    co_return Result<void>();
}

class Believer final : public mls::CredentialJudge {
  public:
    [[nodiscard]] Result<void> judge(const mls::Credential& /*credential*/,
                                     BytesView /*key*/) const override {
        return {};
    }
};

struct Newcomer {
    crypto::SigningKey key;
    mls::KeyPackageBundle bundle;
};

mls::Profile profile_of(std::size_t number) {
    return {mls::basic_credential(view_of("member " + std::to_string(number))), {}, {}};
}

}  // namespace

Seconds tls_handshake() {
    Ends ends;
    std::vector<Seconds> values;
    for (std::size_t round = 0; round < rounds; ++round) {
        const auto began = Now::now();
        must(ends.loop.run_until(connect(ends)), "a connection");
        values.emplace_back(Now::now() - began);
    }
    return median(std::move(values));
}

Seconds tls_round_trip(std::size_t bytes) {
    Ends ends;
    must(ends.loop.run_until(connect(ends)), "a connection");
    std::vector<Seconds> values;
    for (std::size_t round = 0; round < rounds; ++round) {
        const auto began = Now::now();
        must(ends.loop.run_until(exchange(ends, bytes)), "a frame");
        values.emplace_back(Now::now() - began);
    }
    return median(std::move(values));
}

Seconds synced_append(const std::filesystem::path& directory, std::size_t bytes) {
    const auto path = directory / "appends";
    const int file = open(path.c_str(), O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0600);
    CHECK(file >= 0, "no file can be made");
    const std::vector<char> content(bytes, 'x');
    std::vector<Seconds> values;
    for (std::size_t round = 0; round < rounds; ++round) {
        const auto began = Now::now();
        const bool written =
            write(file, content.data(), bytes) == std::ssize(content) && fdatasync(file) == 0;
        CHECK(written, "a file cannot be written");
        values.emplace_back(Now::now() - began);
    }
    close(file);
    std::filesystem::remove(path);
    return median(std::move(values));
}

Rekeying rekeying(std::size_t members) {
    const mls::Suite& suite =
        *must(mls::find_suite(mls::SuiteId::XWingAes256Sha384Ed25519), "a suite");
    crypto::SystemRandom random;
    const Believer judge;
    const WallTime now{std::chrono::days(20'000)};
    const mls::Surroundings around{judge, now};
    const auto lifetime = mls::Lifetime::of(now, now + std::chrono::hours(1));
    std::vector<Newcomer> newcomers;
    mls::Intents everybody;
    for (std::size_t number = 1; number < members; ++number) {
        auto key = crypto::SigningKey::generate(suite.signature, random);
        auto bundle = mls::make_key_package(suite, key, profile_of(number), lifetime, random);
        everybody.adds.push_back(
            must(mls::VerifiedKeyPackage::verify(bundle.package(), around), "a key package"));
        newcomers.push_back({std::move(key), std::move(bundle)});
    }
    const auto founder_key = crypto::SigningKey::generate(suite.signature, random);
    mls::Group founder =
        must(mls::Group::create(suite, view_of("group"), founder_key, profile_of(0), {}, random),
             "a group");
    auto founding = must(founder.stage_commit(everybody, {}, random), "all are added");
    mls::Group other = must(
        mls::Group::join(founding.welcome, newcomers.front().bundle, newcomers.front().key, around),
        "one joins");
    must(founder.merge(std::move(founding)), "the founder goes on");
    std::vector<Seconds> commits;
    std::vector<Seconds> processes;
    for (std::uint32_t gone = 0; gone < 5 && gone + 3 < members; ++gone) {
        mls::Intents out;
        out.removes = {{static_cast<std::uint32_t>(members - 1 - gone)}};
        Seconds began = computed();
        auto staged = must(founder.stage_commit(out, {}, random), "a removal");
        const Bytes message = staged.commit;
        must(founder.merge(std::move(staged)), "a removal is entered");
        commits.push_back(computed() - began);
        began = computed();
        auto received = must(other.receive(message, around), "a removal comes");
        must(other.apply(std::get<mls::StagedEpoch>(std::move(received))), "and is entered");
        processes.push_back(computed() - began);
    }
    return {median(std::move(commits)), median(std::move(processes))};
}

}  // namespace cercle::bench
