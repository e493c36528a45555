// Reads {sign|verify, secret, id, timestamp, body, headers} as JSON and answers as the npm library does.
const { Webhook } = require("standardwebhooks");
const request = JSON.parse(require("fs").readFileSync(0, "utf8"));
const webhook = new Webhook(request.secret);
const answer = request.headers
  ? webhook.verify(request.body, request.headers)
  : webhook.sign(request.id, new Date(request.timestamp * 1000), request.body);
process.stdout.write(JSON.stringify(answer));
