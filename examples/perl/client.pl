#!/usr/bin/env perl
# A client of another repository, joined by a command line: ./samewire parity --testee 'cmd:perl client.pl'
# It knows one message and three calls; what it does not know it says, and the matrix shows it as not implemented.
use strict;
use warnings;
use JSON::PP;

my $json = JSON::PP->new->utf8->canonical->allow_nonref;
binmode $_, ':raw' for \*STDIN, \*STDOUT;

# Message → text in, text out; dies where the text is no such message.
my %messages = (
    'tinker.v1.HealthResponse' => sub {
        my $read = eval { $json->decode($_[0]) };
        die "not JSON\n" if $@;
        die "no object\n" unless ref $read eq 'HASH';
        die "status is not \"ok\"\n" unless defined $read->{status} && !ref $read->{status} && $read->{status} eq 'ok';
        return $json->encode({ status => 'ok' });
    },
);

my %states = map { $_ => $_ } qw(active paused_capacity paused_rate_limit);

sub size {
    my ($left, @units) = ($_[0], qw(KB MB GB TB PB));
    return 'N/A' if $left < 0;
    return "$left B" if $left < 1024;
    for my $unit (@units) {
        $left /= 1024;
        return sprintf('%.1f %s', $left, $unit) if $left < 1024;
    }
    return sprintf('%.1f EB', $left / 1024);
}

# Call → input, dialect in; result out.
my %calls = (
    'codec' => sub {
        my ($given) = @_;
        my $text = exists $given->{json} ? do { my $t = $given->{json}; utf8::encode($t); $t } : decode_base64($given->{json_base64});
        my $written = $messages{ $given->{message} }->($text);
        utf8::decode($written);
        return { json => $written };
    },
    'queue.parse' => sub { $states{ $_[0]{text} } // 'unknown' },
    'cli.size'    => sub { size($_[0]{bytes}) },
);

sub decode_base64 { require MIME::Base64; return MIME::Base64::decode_base64($_[0]) }

sub say_frame {
    my $body = $json->encode($_[0]);
    print pack('N', length $body) . $body;
}

sub answer {
    my ($asked) = @_;
    my ($id, $given) = @$asked{qw(id input)};
    return { id => $id, unsupported => "there is no $given->{message} here" }
        if $asked->{call} eq 'codec' && !$messages{ $given->{message} };
    my $result = eval { $calls{ $asked->{call} }->($given, $asked->{dialect}) };
    return { id => $id, result => $result } unless $@;
    chomp(my $reason = $@);
    return { id => $id, rejected => { reason => $reason, kind => 'invalid' } };
}

$| = 1;
say_frame({ name => 'perl', language => 'perl', dialects => ['tinker-0.4.1', 'tinkex'], calls => [sort keys %calls] });
while ((read(STDIN, my $head, 4) // 0) == 4) {
    my $length = unpack 'N', $head;
    die "half a frame\n" unless read(STDIN, my $body, $length) == $length;
    say_frame(answer($json->decode($body)));
}
