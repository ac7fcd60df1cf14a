// SPDX-License-Identifier: AGPL-3.0-or-later
#include "apps/relayd/serve.h"

#include <unistd.h>

#include "apps/relayd/confine.h"
#include "apps/relayd/control.h"
#include "apps/relayd/identity.h"
#include "apps/relayd/notify.h"
#include "apps/relayd/resources.h"
#include "base/diary.h"
#include "net/signals.h"
#include "net/task_group.h"
#include "net/text_port.h"
#include "net/tls_network.h"
#include "relay/bounds.h"
#include "relay/metrics.h"
#include "relay/recovery.h"
#include "relay/server.h"

namespace cercle::relayd {
namespace {

net::TlsLimits limits_of(const Settings& settings) {
    net::TlsLimits limits;
    limits.most_connections = settings.connections;
    limits.most_handshakes = settings.handshakes;
    limits.largest_first_frame = relay::bounds::longest_hello;
    return limits;
}

relay::Terms terms_of(const Settings& settings,
                      const std::optional<protocol::IncarnationStatement>& restored) {
    relay::Terms terms;
    terms.allowance.places = settings.file_places;
    terms.allowance.places_per_device_and_day = settings.file_places_per_device;
    terms.allowance.blob_retention = std::chrono::days(settings.file_days);
    terms.retention.entries = std::chrono::days(settings.entry_days);
    if (settings.record_days != 0) {
        terms.retention.records = std::chrono::days(settings.record_days);
    }
    terms.allowance.bytes_waiting = settings.waiting_mebibytes << 20U;
    if (restored) terms.allowance.recovery = std::make_shared<relay::Recovery>(*restored);
    terms.rate = {settings.requests_per_second, settings.mebibytes_per_second << 20U};
    terms.has_room = [data = std::filesystem::path(settings.data),
                      reserve = settings.free_mebibytes << 20U] {
        return free_bytes(data) >= reserve;
    };
    if (settings.memory_mebibytes != 0) {
        terms.has_memory = [most = settings.memory_mebibytes << 20U] {
            return resident_bytes() <= most;
        };
    }
    return terms;
}

/// A relay with all that runs beside it.
class Service {
  public:
    Service(DataDirectory& data, const Settings& settings, Notify& notify)
        : data_(data),
          settings_(settings),
          notify_(notify),
          network_(loop_, limits_of(settings)),
          beside_(loop_, diary_) {}

    /// Errors: as Server::start, and of the control socket.
    Result<void> start(const net::Address& address) {
        TRY(server_,
            relay::Server::start(loop_,
                                 loop_.clock(),
                                 network_,
                                 address,
                                 data_.identity,
                                 *data_.logs,
                                 diary_,
                                 terms_of(settings_, data_.restored)));
        control_ = std::make_unique<Control>(
            loop_,
            diary_,
            *server_,
            data_.path,
            settings_.free_mebibytes << 20U,
            Renewals{[this] { return reload(); }, [this] { return rotate(); }});
        TRY_VOID(control_->open());
        TRY_VOID(open_metrics());
        TRY_VOID(beside_.spawn(control_->run()));
        TRY_VOID(beside_.spawn(reload_on_hangup()));
        if (const auto period = notify_.watchdog()) {
            TRY_VOID(beside_.spawn(keep_fed(
                loop_,
                *period,
                [this] { return prove_alive(); },
                [this] { notify_.say("WATCHDOG=1"); })));
        }
        return {};
    }

    Exit run() {
        print_line(Object{{"v", 1},
                          {"type", "ready"},
                          {"listen", server_->address().text()},
                          {"key", data_.identity.key().hex()},
                          {"pid", ::getpid()}}
                       .dump());
        // Not refused: where a whole machine or container is the relay's own, root may be all there
        // is.
        if (::geteuid() == 0) {
            diary_.note(Diary::Level::Warning,
                        "it runs as root, which it needs for nothing: give it a user of its own",
                        {});
        }
        notify_.say("READY=1");
        const auto stopped = loop_.run_until(signals_.wait());
        notify_.say("STOPPING=1");
        diary_.info("draining");
        const auto drained = loop_.run_until(stop());
        if (!stopped.has_value()) return report(stopped.error(), "serving ended");
        if (!drained.has_value()) return report(drained.error(), "stopping");
        diary_.info("stopped");
        return Exit::Done;
    }

    [[nodiscard]] net::Task<void> stop() {
        // Who is being given a copy hears no more of it; who is served is served to the end.
        metrics_.reset();
        if (control_ != nullptr) static_cast<void>(co_await control_->close());
        static_cast<void>(co_await beside_.close());
        co_return server_ == nullptr ? Result<void>{} : co_await server_->stop();
    }

    net::Loop& loop() { return loop_; }

  private:
    Result<void> open_metrics() {
        if (settings_.metrics.empty()) return {};
        TRY(const auto address, net::Address::parse(settings_.metrics));
        TRY(metrics_,
            net::TextPort::open(loop_, address, {"/metrics", relay::openmetrics_type, [this] {
                                                     return relay::openmetrics(
                                                         server_->tally(),
                                                         {.sessions = server_->sessions(),
                                                          .disk_bytes = bytes_in(data_.path),
                                                          .free_bytes = free_bytes(data_.path),
                                                          .resident_bytes = resident_bytes()});
                                                 }}));
        return {};
    }

    net::Task<void> prove_alive() {
        co_return co_await server_->look([](relay::LogTables& tables) -> Result<void> {
            TRY_VOID(tables.identity());
            return {};
        });
    }

    net::Task<void> reload_on_hangup() {
        while (true) {
            CO_TRY_VOID(co_await hangup_.wait());
            notify_.say("RELOADING=1");
            const auto reloaded = reload();
            if (!reloaded.has_value()) diary_.fault(reloaded.error());
            notify_.say("READY=1");
        }
    }

    /// Newcomers meet what is given now; who is there stays.
    Result<net::RelayKey> reload() {
        TRY(auto identity, identity_of(settings_));
        TRY_VOID(server_->show(identity));
        data_.identity = std::move(identity);
        return data_.identity.key();
    }

    Result<net::RelayKey> rotate() {
        TRY_VOID(rotate_key(settings_));
        return reload();
    }

    DataDirectory& data_;
    const Settings& settings_;
    Notify& notify_;
    StderrDiary diary_;
    net::Loop loop_{net::Loop::Kind::Real};
    net::StopSignals signals_{loop_};
    net::HangupSignal hangup_{loop_};
    net::TlsNetwork network_;
    std::unique_ptr<relay::Server> server_;
    std::unique_ptr<Control> control_;
    std::unique_ptr<net::TextPort> metrics_;
    net::TaskGroup beside_;
};

}  // namespace

Exit serve(DataDirectory data, const Settings& settings) {
    const auto address = net::Address::parse(settings.listen);
    if (!address.has_value()) return report(address.error(), "cannot listen there");
    auto notify = Notify::from_environment();
    if (!notify.has_value()) return report(notify.error(), "cannot speak to systemd");
    // Before there is a second thread, or a stranger.
    if (settings.confine) {
        if (const auto confined = confine(); !confined.has_value()) {
            return report(confined.error(), "cannot confine itself (`confine` in the settings)");
        }
    }
    Service service(data, settings, *notify);
    const auto started = service.start(*address);
    if (!started.has_value()) {
        static_cast<void>(service.loop().run_until(service.stop()));
        return report(started.error(), "cannot listen there");
    }
    return service.run();
}

}  // namespace cercle::relayd
