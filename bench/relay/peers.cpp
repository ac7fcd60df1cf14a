// SPDX-License-Identifier: AGPL-3.0-or-later
#include "bench/relay/peers.h"

#include <array>
#include <format>
#include <fstream>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/check.h"
#include "crypto/pem.h"
#include "crypto/random.h"
#include "net/server_identity.h"

namespace cercle::bench {
namespace {

namespace fs = std::filesystem;

void write_file(const fs::path& path, std::string_view text) {
    std::ofstream(path, std::ios::binary | std::ios::trunc) << text;
}

std::uint16_t free_port() {
    const int one = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    auto* const raw = reinterpret_cast<sockaddr*>(&address);
    const bool bound = bind(one, raw, size) == 0 && getsockname(one, raw, &size) == 0;
    CHECK(bound, "no port is free");
    close(one);
    return ntohs(address.sin_port);
}

std::uint16_t port_in(const std::string& line) {
    constexpr std::string_view before = "127.0.0.1:";
    const std::size_t at = line.find(before);
    CHECK(at != std::string::npos, "a server did not say where it listens");
    return static_cast<std::uint16_t>(std::stoul(line.substr(at + before.size())));
}

}  // namespace

Process::Process(const std::vector<std::string>& command, Heard heard) {
    std::array<int, 2> out{};
    std::array<int, 2> in{};
    const bool piped = pipe2(out.data(), O_CLOEXEC) == 0 && pipe2(in.data(), O_CLOEXEC) == 0;
    CHECK(piped, "no pipe");
    number_ = fork();
    if (number_ == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        dup2(in[0], STDIN_FILENO);
        dup2(out[1], STDOUT_FILENO);
        if (heard == Heard::OutputAndErrors) dup2(out[1], STDERR_FILENO);
        std::vector<char*> words;
        for (const std::string& word : command)
            words.push_back(const_cast<char*>(word.c_str()));
        words.push_back(nullptr);
        execvp(words[0], words.data());
        _exit(127);
    }
    CHECK(number_ > 0, "no process can be started");
    close(in[0]);
    close(out[1]);
    from_ = out[0];
    to_ = in[1];
}

Process::~Process() {
    static_cast<void>(end());
}

int Process::end() {
    if (number_ < 0) return 0;
    close(to_);
    kill(number_, SIGTERM);
    int status = 0;
    waitpid(number_, &status, 0);
    close(from_);
    number_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

std::string Process::line() {
    std::string line;
    char one = 0;
    while (read(from_, &one, 1) == 1 && one != '\n')
        line += one;
    return line;
}

void Process::say(const std::string& line) {
    const std::string whole = line + "\n";
    CHECK(write(to_, whole.data(), whole.size()) == std::ssize(whole), "a process does not listen");
}

std::chrono::duration<double> Process::computed() const {
    std::ifstream file(std::format("/proc/{}/stat", number_));
    std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    std::istringstream fields(text.substr(text.rfind(')') + 2));
    std::string skipped;
    for (int at = 0; at < 11; ++at)
        fields >> skipped;
    double user = 0;
    double kernel = 0;
    fields >> user >> kernel;
    return std::chrono::duration<double>((user + kernel) /
                                         static_cast<double>(sysconf(_SC_CLK_TCK)));
}

double Process::memory() const {
    std::ifstream file(std::format("/proc/{}/status", number_));
    std::string line;
    while (std::getline(file, line)) {
        if (line.starts_with("RssAnon:")) return std::stod(line.substr(line.find(':') + 1));
    }
    return 0;
}

fs::path own_path() {
    return fs::read_symlink("/proc/self/exe");
}

Server start_relay(const fs::path& program, const fs::path& directory, Measure measure) {
    fs::create_directories(directory);
    fs::permissions(directory, fs::perms::owner_all);
    const auto settings = directory / "relay.toml";
    write_file(settings,
               measure == Measure::Usual
                   ? ""
                   : "[limits]\nrequests_per_second = 1000000\nmebibytes_per_second = 10000\n");
    auto process = std::make_unique<Process>(std::vector<std::string>{program,
                                                                      "serve",
                                                                      "--config",
                                                                      settings,
                                                                      "--data",
                                                                      directory / "relay",
                                                                      "--listen",
                                                                      "127.0.0.1:0"});
    const std::uint16_t port = port_in(process->line());
    return {"relay", std::move(process), port};
}

Server start_echo() {
    auto process = std::make_unique<Process>(std::vector<std::string>{own_path(), "serve-echo"});
    const std::uint16_t port = port_in(process->line());
    return {"TLS echo", std::move(process), port};
}

Server start_jetstream(const fs::path& directory, Sync sync) {
    fs::create_directories(directory);
    crypto::SystemRandom random;
    const auto identity = net::ServerIdentity::generate(random);
    const Secret key = identity.save();
    write_file(directory / "key.pem", to_text(to_bytes(key.reveal())));
    write_file(directory / "certificate.pem",
               crypto::encode_pem_certificates(identity.certificates()));
    const std::uint16_t port = free_port();
    write_file(directory / "nats.conf",
               std::format("listen: \"127.0.0.1:{0}\"\n"
                           "jetstream {{ store_dir: \"{1}/store\"{2} }}\n"
                           "tls {{ cert_file: \"{1}/certificate.pem\", key_file: "
                           "\"{1}/key.pem\", handshake_first: true, timeout: 30 }}\n",
                           port,
                           directory.string(),
                           sync == Sync::Always ? ", sync_interval: always" : ""));
    auto process = std::make_unique<Process>(
        std::vector<std::string>{"nats-server", "-c", directory / "nats.conf"},
        Process::Heard::OutputAndErrors);
    std::string said = "begin";
    while (!said.empty() && !said.contains("Server is ready"))
        said = process->line();
    CHECK(!said.empty(), "nats-server does not start");
    return {sync == Sync::Always ? "JetStream, synced" : "JetStream, unsynced",
            std::move(process),
            port};
}

bool has_jetstream() {
    for (const char* const path : {"/usr/sbin/nats-server", "/usr/bin/nats-server"}) {
        if (fs::exists(path)) return true;
    }
    return false;
}

}  // namespace cercle::bench
