import { Box, Card, CardBody, CardHeader, Flex, Text } from '@backstage/ui';
import { progress } from '../api/report';
import { Check } from './Check';
import { NextAction, Score, WithScore } from './Scorecard';
import { Tier } from './Tier';
import { TierHistory } from './TierHistory';

export const ScorecardTab = () => (
  <Box data-golden-path pb="4">
    <WithScore>{score => <Scorecard {...score} />}</WithScore>
  </Box>
);

function Scorecard({ at, report, component }: Score) {
  const { name, version, tiers, extends: bases = [] } = report.contract;
  const contract = [{ name, version }, ...bases]
    .map(each => `${each.name} ${each.version}`)
    .join(', which extends ');
  return (
    <Flex direction="column" gap="4">
      <Card>
        <CardHeader>
          <Text as="h2" variant="title-medium">
            <Tier tier={component.tier} />
          </Text>
        </CardHeader>
        <CardBody>
          <Flex direction="column" gap="4">
            <NextAction component={component} />
            <Text as="p">
              Judged {new Date(at).toLocaleString()} by the contract {contract}
            </Text>
          </Flex>
        </CardBody>
      </Card>
      {tiers.map(tier => {
        const checks = component.checks.filter(check => check.tier === tier);
        const { met, asked } = progress(checks);
        return (
          <Card key={tier}>
            <CardHeader>
              <Text as="h2" variant="title-x-small">
                <Tier tier={tier} />: {met} of {asked} required checks met
              </Text>
            </CardHeader>
            <CardBody>
              <Flex direction="column" gap="1">
                {checks.map(check => (
                  <Check key={check.id} check={check} />
                ))}
              </Flex>
            </CardBody>
          </Card>
        );
      })}
      <TierHistory tiers={tiers} />
    </Flex>
  );
}
