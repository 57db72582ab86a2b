// Run once by MongoDB's image, on an empty volume: the user that the services are. It owns nothing but its database.
const password = process.env.BASEWATCH_PASSWORD;
if (!password) {
  throw new Error("BASEWATCH_PASSWORD is empty: set MONGO_PASSWORD in .env");
}
db.getSiblingDB("basewatch").createUser({
  user: "basewatch",
  pwd: password,
  roles: [{ role: "readWrite", db: "basewatch" }],
});
